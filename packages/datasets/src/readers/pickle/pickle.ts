import { suggestion } from '@equimodal/core';
import { malformed, type NdArray } from '../bytes.js';
import { FileSource, MemorySource } from '../source.js';
import { unpickle } from './machine.js';
import { PickleArray, type PickleValue } from './values.js';

/** Parses a pickle of plain data, see `unpickle`. @throws EQM_DATA_MALFORMED naming file and byte offset. */
export function parsePickle(bytes: Uint8Array, file: string): PickleValue {
  return unpickle(new MemorySource(bytes, file));
}

/** Reads a pickle of plain data; arrays stay in the file until they are asked for. @throws EQM_DATA_MISSING, EQM_DATA_MALFORMED */
export function readPickle(path: string): PickleValue {
  return unpickle(new FileSource(path));
}

/** The names a dict has, for messages and for looking around. */
export function pickleKeys(value: PickleValue): string[] {
  return value instanceof Map
    ? [...value.keys()].flatMap((key) => (typeof key === 'string' ? [key] : typeof key === 'number' ? [String(key)] : []))
    : [];
}

/**
 * A value within a pickle: `train/text` is the value of "text" in the dict that "train" names; in a list names are places from 0.
 *
 * @throws EQM_DATA_MALFORMED when there is none, with the names there are.
 */
export function pickleAt(value: PickleValue, path: string, file: string): PickleValue {
  let found = value;
  for (const name of path.split('/').filter((part) => part !== '')) {
    const next = entry(found, name);
    if (next === undefined) {
      const keys = pickleKeys(found);
      throw malformed(
        file,
        '',
        `the pickle has no "${name}"${path === name ? '' : ` in "${path}"`}${keys.length === 0 ? '' : `; ${suggestion(name, keys)}`}`,
      );
    }
    found = next;
  }
  return found;
}

function entry(value: PickleValue, name: string): PickleValue | undefined {
  if (value instanceof Map) return value.get(name) ?? (/^-?\d+$/.test(name) ? value.get(Number(name)) : undefined);
  return Array.isArray(value) && /^\d+$/.test(name) ? value[Number(name)] : undefined;
}

/**
 * The numbers of an array, or of lists of numbers that are all of one length.
 *
 * @param what its name, for messages.
 * @throws EQM_DATA_MALFORMED when it holds anything else.
 */
export function pickleNumbers(value: PickleValue, file: string, what: string): NdArray {
  if (value instanceof PickleArray && value.type.kind !== 'O') return value.numbers();
  const shape: number[] = [];
  const numbers: number[] = [];
  const walk = (item: PickleValue, depth: number): void => {
    if (typeof item === 'number' || typeof item === 'boolean') {
      if (depth !== shape.length) throw malformed(file, '', `${what}: lists of unequal depth`);
      numbers.push(Number(item));
      return;
    }
    if (item instanceof PickleArray && item.type.kind !== 'O') {
      const { shape: inner, data } = item.numbers();
      inner.forEach((size, axis) => check(depth + axis, size));
      if (shape.length !== depth + inner.length) throw malformed(file, '', `${what}: lists of unequal depth`);
      for (const number of data) numbers.push(number);
      return;
    }
    const list = item instanceof PickleArray ? item.items() : item;
    if (!Array.isArray(list) || depth >= DEEPEST) throw malformed(file, '', `${what}: expected numbers, found ${kindOf(item)}`);
    check(depth, list.length);
    for (const one of list as readonly PickleValue[]) walk(one, depth + 1);
  };
  const check = (axis: number, size: number): void => {
    if (axis === shape.length && (axis === 0 || numbers.length === 0)) shape.push(size);
    else if (shape[axis] !== size) throw malformed(file, '', `${what}: lists of unequal length (${shape[axis]} and ${size})`);
    if (shape.reduce((product, length) => product * Math.max(1, length), 1) > LARGEST)
      throw malformed(file, '', `${what}: more than ${LARGEST} numbers in lists; store an array`);
  };
  walk(value, 0);
  return { shape, data: Float64Array.from(numbers) };
}

const DEEPEST = 8;
const LARGEST = 1e8;

function kindOf(value: PickleValue): string {
  if (value === null) return 'None';
  if (value instanceof Map) return `a dict of ${pickleKeys(value).slice(0, 10).join(', ')}; name one with "key"`;
  if (Array.isArray(value)) return 'lists nested too deep';
  return typeof value === 'object' ? 'an object' : typeof value;
}
