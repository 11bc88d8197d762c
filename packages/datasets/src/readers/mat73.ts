import { toRowMajor } from './bytes.js';
import { withHdf5, type Hdf5File } from './hdf5.js';
import { readMat, type MatValue } from './mat.js';
import { FileSource } from './source.js';

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
/** MATLAB puts 512 bytes of its own before the HDF5 part. */
const USER_BLOCK = 512;
const DEEPEST = 16;
const NUMERIC = /^(double|single|logical|u?int(8|16|32|64))$/;

/** Reads a MAT file of level 5 or, as `-v7.3` writes it, HDF5. @throws EQM_DATA_MISSING, EQM_DATA_MALFORMED */
export async function readAnyMat(path: string): Promise<ReadonlyMap<string, MatValue>> {
  const source = new FileSource(path);
  const hdf5 = [0, USER_BLOCK].some(
    (at) => source.size >= at + 8 && source.read(at, 8, 'the signature').every((byte, i) => byte === SIGNATURE[i]),
  );
  return hdf5 ? readMat73(path) : readMat(path);
}

/**
 * Reads a MAT file of level 7.3: numeric, logical and character arrays and cells of them. MATLAB stores arrays column by column, so
 * an array [a, b] is a dataset [b, a]; what a variable is stands in its attribute `MATLAB_class`. Structs, sparse and complex arrays
 * are listed as unsupported.
 *
 * @throws EQM_DATA_MISSING, EQM_DATA_MALFORMED
 */
export function readMat73(path: string): Promise<ReadonlyMap<string, MatValue>> {
  return withHdf5(
    path,
    (file) =>
      new Map(
        file
          .keys()
          .filter((name) => !name.startsWith('#'))
          .map((name) => [name, readValue(file, name, 0)]),
      ),
  );
}

function readValue(file: Hdf5File, name: string, depth: number): MatValue {
  if (depth > DEEPEST) throw file.fail(`cells are nested more than ${DEEPEST} deep`, name);
  const kind = file.kind(name);
  if (kind === 'group')
    return { kind: 'unsupported', what: file.attribute(name, 'MATLAB_sparse') === undefined ? 'a struct' : 'a sparse matrix' };
  if (kind === undefined) return { kind: 'unsupported', what: 'a link' };
  const type = file.attribute(name, 'MATLAB_class');
  if (file.attribute(name, 'MATLAB_empty') === 1) return { kind: 'numeric', array: { shape: [0, 0], data: new Float64Array(0) } };
  const shape = file.shape(name).toReversed();
  if (kind === 'reference') {
    const cells = file.references(name).map((target) => readValue(file, target, depth + 1));
    return { kind: 'cell', shape, cells };
  }
  if (type === 'char') return { kind: 'text', shape, rows: textRows(file.array(name).data, shape) };
  if (type !== undefined && !NUMERIC.test(String(type))) return { kind: 'unsupported', what: `an array of class ${type}` };
  try {
    const { data } = file.array(name);
    return { kind: 'numeric', array: { shape, data: toRowMajor(data, shape) } };
  } catch (error) {
    const what = error instanceof Error && /expected numbers, found (.*)$/.exec(error.message)?.[1];
    if (typeof what === 'string') return { kind: 'unsupported', what };
    throw error;
  }
}

/** Rows of a character matrix, trailing blanks removed. */
function textRows(codes: ArrayLike<number>, shape: readonly number[]): string[] {
  const rows = shape[0] ?? 0;
  return Array.from({ length: rows }, (_, row) => {
    let line = '';
    for (let at = row; at < codes.length; at += rows) line += String.fromCharCode(codes[at]!);
    return line.trimEnd();
  });
}
