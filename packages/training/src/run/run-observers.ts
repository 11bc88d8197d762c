import {
  asChosen,
  diskFull,
  isDiskFull,
  messageOf,
  type EquimodalError,
  type Json,
  type Observer,
  type RunContainer,
  type SignalBus,
} from '@equimodal/core';
import type { RunRequest } from './request.js';

/** The observers of one run. An observer's fault is not the run's: it is a warning. */
export class RunObservers {
  readonly #observers: ReadonlyMap<string, Observer>;

  constructor(
    container: RunContainer,
    private readonly bus: SignalBus,
    private readonly request: Pick<RunRequest, 'observers' | 'folder' | 'experiment' | 'recipe' | 'seed'>,
  ) {
    const { observers, folder, experiment, recipe, seed } = request;
    const context = { runDir: folder?.dir, label: `${experiment} ${recipe.id} seed ${seed}` };
    this.#observers = new Map(observers.map((spec, i) => [`${spec.use}-${i}`, container.create('observer', asChosen(spec), context)]));
  }

  start(): void {
    for (const [id, observer] of this.#observers) this.#quietly(id, 'start', () => observer.start(this.bus.named(observerName(id))));
  }

  stop(): void {
    for (const [id, observer] of this.#observers) this.#quietly(id, 'stop', () => observer.stop());
  }

  /** A full disk ends the run: what observers could not write would be missing for ever. */
  flush(): void {
    let full: EquimodalError | undefined;
    for (const [id, observer] of this.#observers) {
      this.#quietly(id, 'flush', () => {
        try {
          observer.flush?.();
        } catch (error) {
          if (!isDiskFull(error)) throw error;
          full = diskFull(this.request.folder?.dir ?? '', error);
        }
      });
    }
    if (full !== undefined) throw full;
  }

  state(): Record<string, Json> {
    return Object.fromEntries(
      [...this.#observers].map(([id, observer]) => [id, this.#quietly(id, 'state', () => observer.state?.()) ?? null]),
    );
  }

  restore(saved: Readonly<Record<string, Json>>): void {
    for (const [id, observer] of this.#observers) {
      const before = saved[id];
      if (before != null) this.#quietly(id, 'restore', () => observer.restore?.(before));
    }
  }

  #quietly<T>(id: string, what: string, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      const message = `${observerName(id)} threw in ${what}: ${messageOf(error)}; training goes on`;
      this.bus.emit('warning', { source: 'observer', message });
      return undefined;
    }
  }
}

/** `csv-0` -> `observer "csv"`. */
function observerName(id: string): string {
  return `observer "${id.replace(/-\d+$/, '')}"`;
}
