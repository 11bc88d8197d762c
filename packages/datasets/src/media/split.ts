import { checkNames, EquimodalError, pickNames, type BatchArrays, type RandomStream, type RowNames, type Split } from '@equimodal/core';
import { errorOf, failureOf } from './failure.js';
import type { LoaderDefinition, MediaSource, Plain } from './loader.js';
import { ReadingPool } from './pool.js';
import { RowReader, type ReadingPlan, type RowTask } from './work.js';

/** A modality whose rows are read from files when they are needed. */
export interface MediaModality<O extends Plain = Plain, S extends MediaSource = MediaSource> {
  readonly loader: LoaderDefinition<O, S>;
  readonly options: O;
  /** Without the batch axis. */
  readonly shape: readonly number[];
  /** Name of what random numbers are drawn from: modalities with the same one draw the same numbers for a row. Default: the modality's own. */
  readonly draws?: string;
}

/** What splits of one dataset share: how rows are read, and by whom. */
export class MediaReader {
  static #plans = 0;
  readonly #plan: ReadingPlan;
  readonly #pool: ReadingPool | null;
  #inline: Promise<RowReader> | undefined;

  /**
   * @param cache folder where decoded files are kept; null keeps nothing.
   * @param workers threads; 0 reads in the calling one.
   */
  constructor(
    readonly modalities: Readonly<Record<string, MediaModality>>,
    { cache, workers }: { readonly cache: string | null; readonly workers: number },
  ) {
    const plans = Object.entries(modalities).map(([name, { loader, options }]) => [
      name,
      { loader: { name: loader.name, module: loader.module }, options },
    ]);
    this.#plan = { id: MediaReader.#plans++, modalities: Object.fromEntries(plans) as ReadingPlan['modalities'], cache };
    this.#pool = workers === 0 ? null : ReadingPool.shared(workers);
  }

  /**
   * What `join` makes of the values of every task, in order; they are valid as long as it runs.
   *
   * @throws the failure of the first task that fails, naming its file.
   */
  async read<T>(tasks: readonly RowTask[], join: (rows: readonly (Float32Array | Int32Array)[]) => T): Promise<T> {
    if (this.#pool !== null) return this.#pool.read(this.#plan, tasks, join);
    const definitions = Object.fromEntries(Object.entries(this.modalities).map(([name, { loader }]) => [name, loader]));
    this.#inline ??= RowReader.open(this.#plan, definitions);
    const reader = await this.#inline;
    const rows: (Float32Array | Int32Array)[] = [];
    for (const task of tasks) {
      try {
        rows.push(await reader.read(task, () => new Float32Array(task.size)));
      } catch (error) {
        throw errorOf(failureOf(error, task.source.files));
      }
    }
    return join(rows);
  }
}

/** A split whose rows are read from files, off the training thread. Random draws depend on the pass and the row only. */
export class MediaSplit implements Split {
  readonly size: number;
  readonly readsAhead = true;
  readonly groups: RowNames['groups'];
  readonly ids: RowNames['ids'];

  /** @throws EQM_DATA_SPLIT when a modality, the groups or the ids have another number of rows than there are labels. */
  constructor(
    readonly reader: MediaReader,
    readonly labels: Int32Array,
    readonly sources: Readonly<Record<string, readonly MediaSource[]>>,
    names: RowNames = {},
  ) {
    this.size = labels.length;
    checkNames(names, this.size);
    ({ groups: this.groups, ids: this.ids } = names);
    for (const name of Object.keys(reader.modalities)) {
      const rows = sources[name]?.length ?? 0;
      if (rows !== this.size)
        throw new EquimodalError('EQM_DATA_SPLIT', `modality "${name}" has ${rows} rows, there are ${this.size} labels`);
    }
  }

  /** Arrays [rows.length, ...shape] per modality. */
  async read(rows: Int32Array, random?: RandomStream, modalities = Object.keys(this.reader.modalities)): Promise<BatchArrays> {
    const tasks = modalities.flatMap((modality) => Array.from(rows, (row) => this.#task(modality, row, random)));
    return this.reader.read(tasks, (values) => {
      const batch: Record<string, Float32Array | Int32Array> = {};
      modalities.forEach((modality, place) => {
        batch[modality] = this.#join(modality, rows, values.slice(place * rows.length, (place + 1) * rows.length));
      });
      return batch;
    });
  }

  /** Some rows as a split of their own. */
  subset(rows: Int32Array): MediaSplit {
    const sources = Object.fromEntries(
      Object.entries(this.sources).map(([name, list]) => [name, Array.from(rows, (row) => list[row]!)] as const),
    );
    return new MediaSplit(
      this.reader,
      rows.map((row) => this.labels[row]!),
      sources,
      pickNames(this, rows),
    );
  }

  #task(modality: string, row: number, random: RandomStream | undefined): RowTask {
    const { loader, options, shape, draws = modality } = this.reader.modalities[modality]!;
    const stream = random !== undefined && loader.augments(options) ? random : undefined;
    return { modality, source: this.sources[modality]![row]!, key: stream?.at(draws).at(row).key, size: sizeOf(shape) };
  }

  #join(modality: string, rows: Int32Array, values: readonly (Float32Array | Int32Array)[]): Float32Array | Int32Array {
    const { shape, loader } = this.reader.modalities[modality]!;
    const size = sizeOf(shape);
    const out = values[0] instanceof Int32Array ? new Int32Array(rows.length * size) : new Float32Array(rows.length * size);
    values.forEach((row, i) => {
      if (row.length !== size) {
        throw new EquimodalError(
          'EQM_PLUGIN_FAULT',
          `loader "${loader.name}" gave ${row.length} values for a row of modality "${modality}"; [${shape.join(', ')}] are ${size}`,
          { where: this.sources[modality]![rows[i]!]!.files[0] ?? `row ${rows[i]!}` },
        );
      }
      out.set(row, i * size);
    });
    return out;
  }
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
