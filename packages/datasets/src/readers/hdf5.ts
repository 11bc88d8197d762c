import { existsSync, statSync } from 'node:fs';
import { EquimodalError, messageOf, suggestion } from '@equimodal/core';
import type { Dataset, Entity as AnyEntity, File as H5File, Reference, RegionReference } from 'h5wasm/node';
import { elementCount, exactDoubles, largestExpansion, malformed, missing, type NdArray, type NumericData } from './bytes.js';

const INTEGER = 0;
const FLOAT = 1;
const STRING = 3;
const REFERENCE = 7;
const ENUM = 8;
const KINDS: Readonly<Record<number, string>> = {
  ...{ 2: 'times', 3: 'text', 4: 'bit fields', 5: 'opaque bytes', 6: 'compounds (records or complex numbers)' },
  ...{ 7: 'references', 9: 'lists of unequal length', 10: 'arrays in cells' },
};
type Entity = Exclude<AnyEntity, Reference | RegionReference>;

/** Bytes that are read at a time. */
const BLOCK = 1 << 25;

/**
 * An open HDF5 file. Links to other files, and datasets made of other files, are refused: nothing beside the file is read. What the
 * library says of a damaged file becomes an error of ours in `withHdf5`.
 */
export class Hdf5File {
  /** What was asked for last, for messages. */
  #asked = '';

  constructor(
    readonly path: string,
    private readonly file: H5File,
    private readonly largest: number,
  ) {}

  fail(what: string, name = this.#asked, cause?: unknown): EquimodalError {
    return malformed(this.path, name === '' || name === '/' ? '' : `dataset ${name}`, what, cause);
  }

  /** Names of what stands in a group. */
  keys(group = '/'): string[] {
    const entity = this.#entity(group);
    return entity?.type === 'Group' ? (entity as H5File).keys() : [];
  }

  /** Paths of all datasets, in the order of the file. */
  names(): string[] {
    return this.file.paths().filter((path) => this.#entity(path)?.type === 'Dataset');
  }

  kind(name: string): 'group' | 'dataset' | 'reference' | undefined {
    const entity = this.#entity(name);
    if (entity?.type === 'Group') return 'group';
    if (entity?.type !== 'Dataset') return undefined;
    return (entity as Dataset).metadata.type === REFERENCE ? 'reference' : 'dataset';
  }

  /** An attribute that is text or a number. */
  attribute(name: string, attribute: string): string | number | undefined {
    const value = (this.#entity(name) as H5File).attrs[attribute]?.value;
    const first: unknown = ArrayBuffer.isView(value) ? (value as Float64Array)[0] : value;
    return typeof first === 'bigint' ? Number(first) : typeof first === 'string' || typeof first === 'number' ? first : undefined;
  }

  /** Shape of a dataset. */
  shape(name: string): readonly number[] {
    return this.#dataset(name).shape ?? [];
  }

  /** Paths that a dataset of references names. */
  references(name: string): string[] {
    const dataset = this.#dataset(name);
    elementCount(dataset.shape ?? [], this.largest / 8, (what) => this.fail(what, name));
    const { value } = dataset;
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    return list.map((reference) => {
      const target = dataset.dereference(reference as Reference);
      const place: unknown = target !== null && 'path' in target ? target.path : undefined;
      if (typeof place !== 'string') throw this.fail('a reference leads nowhere', name);
      return place;
    });
  }

  /**
   * Numbers of a dataset, row-major. Booleans are 0 and 1, 64-bit integers come as doubles.
   *
   * @throws EQM_DATA_MALFORMED when it holds no numbers, or more of them than the file can.
   */
  array(name: string): NdArray {
    const dataset = this.#dataset(name);
    const { metadata } = dataset;
    const { type, size, shape } = metadata;
    if (type !== INTEGER && type !== FLOAT && type !== ENUM)
      throw this.fail(`expected numbers, found ${KINDS[type] ?? `type ${type}`}`, name);
    if ((type === FLOAT ? [4, 8] : [1, 2, 4, 8]).every((width) => width !== size))
      throw this.fail(`numbers of ${8 * size} bits are not read; store them as float32`, name);
    if (shape === null) throw this.fail('the dataset has no shape', name);
    if ((metadata.virtual_sources ?? []).length > 0)
      throw this.fail('the dataset is made of other files (virtual); they are not read', name);
    const count = elementCount(shape, this.largest / size, (what) => this.fail(what, name));
    const rowSize = shape.length === 0 ? 1 : count / Math.max(1, shape[0]!);
    if (count * size <= BLOCK || shape.length === 0) return { shape, data: this.#numbers(dataset.value, name) };
    const rows = Math.max(1, Math.floor(BLOCK / (rowSize * size)));
    let data: NumericData | undefined;
    for (let from = 0; from < shape[0]!; from += rows) {
      const to = Math.min(shape[0]!, from + rows);
      const part = this.#numbers(dataset.slice([[from, to], ...shape.slice(1).map((): [] => [])]), name);
      data ??= new (part.constructor as new (length: number) => NumericData)(count);
      data.set(part, from * rowSize);
    }
    return { shape, data: data! };
  }

  /** Texts of a dataset. */
  texts(name: string): { readonly shape: readonly number[]; readonly texts: readonly string[] } {
    const dataset = this.#dataset(name);
    const { type, shape } = dataset.metadata;
    if (type !== STRING) throw this.fail('expected text', name);
    elementCount(shape ?? [], this.largest, (what) => this.fail(what, name));
    const { value } = dataset;
    return { shape: shape ?? [], texts: (Array.isArray(value) ? value : [value]).map(String) };
  }

  #numbers(value: unknown, name: string): NumericData {
    if (value instanceof BigInt64Array || value instanceof BigUint64Array) return exactDoubles(value, (what) => this.fail(what, name));
    if (ArrayBuffer.isView(value)) return value as NumericData;
    if (typeof value === 'number') return Float64Array.of(value);
    if (typeof value === 'bigint') return exactDoubles(BigInt64Array.of(value), (what) => this.fail(what, name));
    if (typeof value === 'boolean') return Uint8Array.of(Number(value));
    throw this.fail(`expected numbers, found ${typeof value}`, name);
  }

  #dataset(name: string): Dataset {
    const entity = this.#entity(name);
    if (entity?.type === 'Dataset') return entity as Dataset;
    if (entity?.type === 'ExternalLink') throw this.fail('a link to another file is not followed', name);
    if (entity != null) throw this.fail(`expected a dataset, found ${entity.type}`, name);
    throw this.fail(`the file has no dataset "${name}"; ${suggestion(name, this.names())}`);
  }

  #entity(name: string): Entity | null {
    this.#asked = name;
    if (name === '/') return this.file;
    const parent = name.slice(0, Math.max(0, name.lastIndexOf('/')));
    if (parent !== '' && this.#entity(parent)?.type !== 'Group') return null;
    this.#asked = name;
    return this.file.get(name) as Entity | null;
  }
}

/**
 * Opens an HDF5 file for the time of `act`. Datasets are read when they are asked for.
 *
 * @throws EQM_DATA_MISSING, EQM_DATA_MALFORMED
 */
export async function withHdf5<T>(path: string, act: (file: Hdf5File) => T): Promise<T> {
  if (!existsSync(path) || !statSync(path).isFile()) throw missing('a data file is missing', [path]);
  const { default: h5wasm } = await import('h5wasm/node');
  (await h5wasm.ready).activate_throwing_error_handler();
  let file: H5File;
  try {
    file = new h5wasm.File(path, 'r');
  } catch (cause) {
    throw malformed(path, '', `not an HDF5 file, or a damaged one: ${damage(cause)}`, cause);
  }
  const open = new Hdf5File(path, file, largestExpansion(statSync(path).size));
  try {
    return act(open);
  } catch (cause) {
    throw cause instanceof EquimodalError ? cause : open.fail(`the file is damaged: ${damage(cause)}`, undefined, cause);
  } finally {
    close(file);
  }
}

/** Numbers of one dataset; without a name the file must hold exactly one. @throws EQM_DATA_MISSING, EQM_DATA_MALFORMED */
export function readHdf5(path: string, name?: string): Promise<NdArray> {
  return withHdf5(path, (file) => {
    if (name !== undefined) return file.array(name);
    const names = file.names();
    if (names.length !== 1)
      throw malformed(
        path,
        '',
        names.length === 0
          ? 'the file holds no datasets'
          : `the file holds ${names.length} datasets; name one with "key": ${names.slice(0, 20).join(', ')}`,
      );
    return file.array(names[0]!);
  });
}

/** The last line of the library's trace says what was wrong. */
function damage(cause: unknown): string {
  const lines = messageOf(cause)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const said = lines.filter((line) => line.startsWith('#')).at(-1) ?? lines[0] ?? 'the file is damaged';
  return said.replace(/^#\d+:.*? in (\w+)\(\): /, '$1: ').slice(0, 160);
}

/** A damaged file may also fail to close; nothing was written, so nothing is lost. */
function close(file: H5File): void {
  try {
    file.close();
  } catch {
    return;
  }
}
