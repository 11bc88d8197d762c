import { EquimodalError, messageOf, RandomStream } from '@equimodal/core';
import { MediaCache } from './cache.js';
import type { LoaderDefinition, MediaLoader, MediaSource, Plain, ReadContext } from './loader.js';

/** How the rows of a modality are read, as plain data: what a thread needs to do it. */
export interface ModalityPlan {
  readonly loader: { readonly name: string; readonly module: string };
  readonly options: Plain;
}

/** How the rows of a dataset are read. */
export interface ReadingPlan {
  /** Different for every plan of a process. */
  readonly id: number;
  readonly modalities: Readonly<Record<string, ModalityPlan>>;
  /** Folder where decoded files are kept; null keeps nothing. */
  readonly cache: string | null;
}

/** One modality of one row. */
export interface RowTask {
  readonly modality: string;
  readonly source: MediaSource;
  /** Key of the row's stream; undefined outside of training passes. */
  readonly key: readonly [number, number] | undefined;
  /** Numbers of the row. */
  readonly size: number;
}

/** Reads rows with the loaders of a plan. */
export class RowReader {
  private constructor(
    private readonly loaders: Readonly<Record<string, { readonly loader: MediaLoader; readonly about: Plain }>>,
    private readonly cache: MediaCache | null,
  ) {}

  /** @param definitions those at hand; others are imported from their modules. */
  static async open(plan: ReadingPlan, definitions: Readonly<Record<string, LoaderDefinition>> = {}): Promise<RowReader> {
    const entries = await Promise.all(
      Object.entries(plan.modalities).map(async ([modality, { loader, options }]) => {
        const definition = definitions[modality] ?? (await importLoader(loader));
        return [modality, { loader: definition.create(options), about: [definition.name, definition.version] }] as const;
      }),
    );
    return new RowReader(Object.fromEntries(entries), plan.cache === null ? null : new MediaCache(plan.cache));
  }

  /** @param room as many floats as the row has numbers, where the loader asks for them. */
  async read({ modality, source, key }: RowTask, room: () => Float32Array): Promise<Float32Array | Int32Array> {
    const { loader, about } = this.loaders[modality]!;
    const context: ReadContext = {
      get out() {
        return room();
      },
      random: key === undefined ? undefined : new RandomStream(key[0], `row/${key[1]}`),
      cached: async (file, options, make) => (this.cache === null ? make() : this.cache.get(file, [about, options], make)),
    };
    return loader.read(source, context);
  }
}

/** The built file of a module that runs as a source (in tests). */
export function builtModule(url: string): string {
  return url.endsWith('.ts') ? url.replace(/\/src\/(?!.*\/src\/)/, '/dist/').replace(/\.ts$/, '.js') : url;
}

async function importLoader({ module, name }: ModalityPlan['loader']): Promise<LoaderDefinition> {
  let found: unknown;
  try {
    found = ((await import(builtModule(module))) as Record<string, unknown>)[name];
  } catch (cause) {
    throw new EquimodalError('EQM_PLUGIN_LOAD', `the module of the loader "${name}" cannot be imported: ${messageOf(cause)}`, {
      where: module,
      cause,
    });
  }
  if (typeof (found as LoaderDefinition | undefined)?.create === 'function') return found as LoaderDefinition;
  throw new EquimodalError('EQM_PLUGIN_LOAD', `the module does not export a loader "${name}"`, { where: module });
}
