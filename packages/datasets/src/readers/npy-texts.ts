import { malformed, readBytes } from './bytes.js';
import { parseNpyDict, readNpyHead } from './npy.js';
import { parsePickle } from './pickle/pickle.js';
import { NumpyType, PickleArray, PickleBytes, type PickleValue } from './pickle/values.js';
import { MemorySource } from './source.js';

/**
 * All texts of a NumPy `.npy` file, row-major: an array of unicode or of byte strings (read as UTF-8), or a pickled array of either.
 *
 * @throws EQM_DATA_MALFORMED naming file and offset, also for an array of anything else.
 */
export function parseNpyTexts(bytes: Uint8Array, file: string): string[] {
  const source = new MemorySource(bytes, file);
  const { reader, header, start } = readNpyHead(source);
  const { descr, fortran, shape } = parseNpyDict(header, (what) => reader.fail(what, start));
  const [, order, kind, size] = /^([<>|=]?)([SUO])(\d*)$/.exec(descr) ?? [];
  if (kind === undefined) throw reader.fail(`expected texts, the elements have type "${descr}"`, start);
  if (kind === 'O') return textsOf(parsePickle(bytes.subarray(reader.offset), file), file);
  const array = new PickleArray(file);
  const content = new PickleBytes(source, reader.offset, bytes.length - reader.offset);
  array.set(shape, new NumpyType(kind, Number(size), order === '>' ? '>' : '<'), fortran, content, (what) => reader.fail(what));
  if (fortran && shape.filter((length) => length > 1).length > 1) throw reader.fail('the texts are in Fortran order; save them in C order');
  return textsOf(array, file);
}

/** @throws EQM_DATA_MISSING, EQM_DATA_MALFORMED */
export function readNpyTexts(path: string): string[] {
  return parseNpyTexts(readBytes(path), path);
}

function textsOf(value: PickleValue, file: string): string[] {
  if (typeof value === 'string') return [value];
  if (value instanceof PickleBytes) return [new TextDecoder().decode(value.read())];
  if (value instanceof PickleArray) return value.items().flatMap((item) => textsOf(item, file));
  if (Array.isArray(value)) return value.flatMap((item) => textsOf(item, file));
  throw malformed(file, '', 'an element of the array is no text');
}
