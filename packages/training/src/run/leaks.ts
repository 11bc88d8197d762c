import { tensorCount } from '@equimodal/engine';
import { collectKept } from '../model/attributed.js';

/** A hook between steps that leaves tensors behind this often does so every time. */
const PATIENCE = 3;

/**
 * Finds the plugin whose code leaves tensors behind. For debugging: off, it does nothing.
 *
 * Inside a step everything is tidied except what is kept by force (`tf.keep`); between steps every
 * tensor that a hook makes and does not dispose stays. What a method holds on to once (a table, a
 * teacher) is no leak; what grows is.
 */
export class LeakWatch {
  readonly #grown = new Map<string, number>();
  readonly #told = new Set<string>();

  /**
   * @param owned tensors that hooks may rightly add to (snapshots of the run).
   * @param warn told once for each hook.
   */
  constructor(
    private readonly enabled: boolean,
    private readonly owned: () => number,
    private readonly warn: (message: string) => void,
  ) {}

  /** A step, whose hooks run inside a tidy scope. */
  step<T>(run: () => T): T {
    if (!this.enabled) return run();
    const { result, kept } = collectKept(run);
    for (const [who, count] of kept) this.#tell(who, count);
    return result;
  }

  /** A hook between steps. */
  async between<T>(who: string, run: () => T | Promise<T>): Promise<T> {
    if (!this.enabled) return run();
    const before = tensorCount() - this.owned();
    const result = await run();
    this.#note(who, tensorCount() - this.owned() - before);
    return result;
  }

  /** The same, for hooks that cannot wait. */
  betweenSync<T>(who: string, run: () => T): T {
    if (!this.enabled) return run();
    const before = tensorCount() - this.owned();
    const result = run();
    this.#note(who, tensorCount() - this.owned() - before);
    return result;
  }

  #note(who: string, left: number): void {
    const times = left > 0 ? (this.#grown.get(who) ?? 0) + 1 : 0;
    this.#grown.set(who, times);
    if (times >= PATIENCE) this.#tell(who, left);
  }

  #tell(who: string, count: number): void {
    if (this.#told.has(who)) return;
    this.#told.add(who);
    this.warn(
      `${who} leaves ${count} tensor${count === 1 ? '' : 's'} behind each time it is called; dispose what it makes, or do not tf.keep it`,
    );
  }
}
