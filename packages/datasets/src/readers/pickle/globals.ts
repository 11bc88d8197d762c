import type { EquimodalError } from '@equimodal/core';
import { Callable, bytesOfText, NumpyType, PickleArray, type PickleValue } from './values.js';

/** Gives what a name of a pickle stands for, or undefined where it is none of the names that are read. */
export type Globals = (module: string, name: string) => Callable | undefined;

/** The constructors of plain data and of NumPy arrays, of both module layouts (`numpy.core` before version 2, `numpy._core` after). */
export function dataGlobals(file: string, fail: (what: string) => EquimodalError): Globals {
  const type = new Callable('numpy.dtype', ([code]) => dtype(code, fail));
  const array = new Callable('numpy.ndarray', () => {
    throw fail('an array made by calling its class is not read');
  });
  const reconstruct = (args: readonly PickleValue[]): PickleValue => {
    if (args[0] !== array)
      throw fail(`an array of class ${args[0] instanceof Callable ? args[0].name : 'unknown'} is not read; store a plain array`);
    return new PickleArray(file);
  };
  const scalar = ([of, content]: readonly PickleValue[]): PickleValue => {
    if (!(of instanceof NumpyType)) throw fail('a NumPy number without a type');
    const one = new PickleArray(file).set([1], of, false, asBytes(content, file), fail);
    return one.items()[0]!;
  };
  const fromBuffer = ([content, of, shape, order]: readonly PickleValue[]): PickleValue => {
    const isFortran = order === 'F';
    if (of instanceof NumpyType && of.kind === 'O') throw fail('an array of objects cannot be made of bytes');
    return new PickleArray(file).set(shape ?? null, of ?? null, isFortran, asBytes(content, file), fail);
  };
  const encode = ([text, coding]: readonly PickleValue[]): PickleValue => {
    if (typeof text !== 'string' || (coding !== 'latin1' && coding !== 'latin-1'))
      throw fail('text that is encoded otherwise than as latin1');
    return bytesOfText(text, file);
  };
  const bytes = ([content]: readonly PickleValue[]): PickleValue =>
    content === undefined ? bytesOfText('', file) : asBytes(content, file);
  const named: Readonly<Record<string, Callable | ((args: readonly PickleValue[]) => PickleValue)>> = {
    'numpy.dtype': type,
    'numpy.ndarray': array,
    ...Object.fromEntries(
      ['numpy.core', 'numpy._core'].flatMap((core) => [
        [`${core}.multiarray._reconstruct`, reconstruct],
        [`${core}.multiarray.scalar`, scalar],
        [`${core}.numeric._frombuffer`, fromBuffer],
      ]),
    ),
    '_codecs.encode': encode,
    ...Object.fromEntries(
      ['builtins', '__builtin__'].flatMap((module) => ['bytes', 'bytearray'].map((name) => [`${module}.${name}`, bytes])),
    ),
  };
  return (module, name) => {
    const full = `${module}.${name}`;
    if (!Object.hasOwn(named, full)) return undefined;
    const found = named[full]!;
    return found instanceof Callable ? found : new Callable(full, found);
  };
}

function asBytes(content: PickleValue | undefined, file: string): PickleValue {
  return typeof content === 'string' ? bytesOfText(content, file) : (content ?? null);
}

/** `f4`, `<f4`, `S12`, `O8` ... */
function dtype(code: PickleValue | undefined, fail: (what: string) => EquimodalError): NumpyType {
  const parts = typeof code === 'string' ? /^([<>|=]?)([a-zA-Z?])(\d*)$/.exec(code) : null;
  if (parts === null) throw fail('a NumPy type without a code');
  const [, order, kind, size] = parts;
  const made = new NumpyType(kind === '?' ? 'b' : kind!, size === '' ? 1 : Number(size), order === '' ? '|' : order);
  if (!Number.isSafeInteger(made.size) || made.size > 2 ** 31) throw fail(`a NumPy type of ${size} bytes`);
  return made;
}

/** Sets the state that a pickle gives an array or a type after it made it. */
export function build(target: PickleValue, state: PickleValue, file: string, fail: (what: string) => EquimodalError): void {
  if (target instanceof PickleArray && Array.isArray(state) && state.length >= 4) {
    const [shape, type, fortran, content] = state.slice(-4);
    target.set(shape!, type!, fortran === true || fortran === 1, asBytes(content, file), fail);
    return;
  }
  if (target instanceof NumpyType && Array.isArray(state) && state.length >= 5) {
    const [, order, subtype, names] = state;
    if (order !== '<' && order !== '>' && order !== '|' && order !== '=') throw fail('a NumPy type without a byte order');
    target.order = order;
    if (names != null) target.unsupported = 'records (structured type)';
    else if (subtype != null) target.unsupported = 'sub-arrays';
    return;
  }
  throw fail('the state of something that is not a NumPy array is not read');
}
