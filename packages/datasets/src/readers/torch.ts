import type { EquimodalError } from '@equimodal/core';
import { decodeNumbers, elementCount, malformed, readBytes, type NdArray, type NumericData, type StorageType } from './bytes.js';
import { unpickle } from './pickle/machine.js';
import { Callable, PickleArray, type PickleValue } from './pickle/values.js';
import { MemorySource } from './source.js';
import { unzip, zipNames } from './zip.js';

const STORAGES: Readonly<Record<string, StorageType>> = {
  ...{ FloatStorage: 'f4', DoubleStorage: 'f8', HalfStorage: 'f2' },
  ...{ LongStorage: 'i8', IntStorage: 'i4', ShortStorage: 'i2', CharStorage: 'i1', ByteStorage: 'u1', BoolStorage: 'u1' },
};

/** Tensor and storage while a file is read. */
class Storage extends Callable {
  constructor(
    readonly type: StorageType,
    readonly key: string,
    readonly count: number,
  ) {
    super(`storage ${key}`, () => null);
  }
}
class Tensor extends Callable {
  constructor(readonly array: NdArray) {
    super('tensor', () => null);
  }
}

/**
 * Reads what `torch.save` wrote of one tensor (zip file since PyTorch 1.6; float, double, half, integer and boolean storage; views as
 * they are), or of one NumPy array. Anything else (modules, state dicts, lists) is refused by name; nothing is run.
 *
 * @throws EQM_DATA_MALFORMED naming file and offset.
 */
export function parseTorch(bytes: Uint8Array, file: string): NdArray {
  if (bytes[0] === 0x80 || bytes[0] === 0x28)
    throw malformed(
      file,
      0,
      "a file of PyTorch's old format, or a plain pickle",
      undefined,
      'Load it and save it again with torch.save of PyTorch 1.6 or newer.',
    );
  const pickles = zipNames(bytes, file).filter((name) => /(^|\/)data\.pkl$/.test(name));
  if (pickles.length !== 1) throw malformed(file, '', `not a file of torch.save: it has ${pickles.length} entries data.pkl`);
  const name = pickles[0]!;
  const folder = name.slice(0, -'data.pkl'.length);
  const entry = (wanted: string): Uint8Array | undefined => unzip(bytes, file, (one) => one === wanted)[wanted];
  const pickle = entry(name) ?? new Uint8Array(0);
  const order = entry(`${folder}byteorder`);
  const littleEndian = order === undefined || String.fromCharCode(...order.subarray(0, 8)) !== 'big';
  const value = unpickle(new MemorySource(pickle, `${file}:${name}`), {
    globals: (fail) =>
      torchGlobals(fail, (storage) => {
        const content = entry(`${folder}data/${storage.key}`);
        if (content === undefined) throw fail(`the data of storage ${storage.key} are missing`);
        const where = `${file}:${folder}data/${storage.key}`;
        const needed = storage.count * Number(storage.type[1]);
        if (!(needed <= content.length))
          throw malformed(where, 0, `truncated: ${storage.count} numbers need ${needed} bytes, ${content.length} are there`);
        return decodeNumbers(storage.type, content.subarray(0, needed), littleEndian, (what) => malformed(where, 0, what));
      }),
    persistent: storageOf,
  });
  if (value instanceof Tensor) return value.array;
  if (value instanceof PickleArray) return value.numbers();
  throw malformed(
    file,
    '',
    `expected one tensor, found ${value instanceof Map ? `a dict of ${value.size}` : Array.isArray(value) ? `a list of ${value.length}` : 'something else'}`,
  );
}

/** @throws EQM_DATA_MISSING, EQM_DATA_MALFORMED */
export function readTorch(path: string): NdArray {
  return parseTorch(readBytes(path), path);
}

type Fail = (what: string) => EquimodalError;

function torchGlobals(fail: Fail, read: (storage: Storage) => NumericData): (module: string, name: string) => Callable | undefined {
  return (module, name) => {
    const full = `${module}.${name}`;
    if (full === 'torch._utils._rebuild_tensor_v2') return new Callable(full, (args) => new Tensor(strided(args, fail, read)));
    if (full === 'collections.OrderedDict') return new Callable(full, () => new Map());
    if (module === 'torch' && Object.hasOwn(STORAGES, name)) return new Callable(name, () => null);
    if (module === 'torch' && name.endsWith('Storage'))
      throw fail(`numbers of ${name.replace('Storage', '')} are not read; convert them to float32`);
    return undefined;
  };
}

/** ('storage', type, key, place, count) */
function storageOf(id: PickleValue, fail: Fail): PickleValue {
  const [tag, type, key, , count] = Array.isArray(id) ? id : [];
  const stored = type instanceof Callable && Object.hasOwn(STORAGES, type.name) ? STORAGES[type.name] : undefined;
  if (tag !== 'storage' || stored === undefined || typeof key !== 'string' || !/^\w+$/.test(key) || typeof count !== 'number' || count < 0)
    throw fail('a reference that is no storage of a tensor');
  return new Storage(stored, key, count);
}

/** Gathers a view of a storage, row-major. */
function strided([storage, offset, size, stride]: readonly PickleValue[], fail: Fail, read: (storage: Storage) => NumericData): NdArray {
  if (
    !(storage instanceof Storage) ||
    typeof offset !== 'number' ||
    !Array.isArray(size) ||
    !Array.isArray(stride) ||
    size.length !== stride.length
  )
    throw fail('a tensor without storage, shape or strides');
  const shape = size as number[];
  const steps = stride as number[];
  const count = elementCount(shape, storage.count, (what) => fail(`${what} (an expanded tensor: save its clone())`));
  if (!steps.every((step) => Number.isSafeInteger(step) && step >= 0)) throw fail('a tensor with negative strides');
  const last = shape.reduce((sum, length, axis) => sum + (length - 1) * steps[axis]!, offset);
  if (!Number.isSafeInteger(offset) || offset < 0 || (count > 0 && !(last < storage.count)))
    throw fail('a tensor that reaches beyond its storage');
  const stored = read(storage);
  const data = stored.slice(0, count);
  const index = new Array<number>(shape.length).fill(0);
  let source = offset;
  for (let target = 0; target < count; target++) {
    data[target] = stored[source]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      source += steps[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      source -= steps[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return { shape, data };
}
