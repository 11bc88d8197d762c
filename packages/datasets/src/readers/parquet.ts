import { brotliDecompressSync, gunzipSync, inflateRawSync } from 'node:zlib';
import { EquimodalError, messageOf, suggestion } from '@equimodal/core';
import type { AsyncBuffer, Compressors, FileMetaData } from 'hyparquet';
import { largestExpansion, malformed, type NdArray } from './bytes.js';
import { FileSource, type ByteSource } from './source.js';

/** Most values that are read at once. */
const LARGEST = 2 ** 28;

type Cell = string | number | bigint | boolean | null | undefined | Date | Uint8Array | readonly Cell[] | { readonly [name: string]: Cell };

/** Columns of a Parquet file. */
export interface ParquetTable {
  readonly file: string;
  readonly names: readonly string[];
  /** Cells, row by row, in the order of `names`. */
  readonly rows: readonly (readonly Cell[])[];
}

const inflate =
  (how: (bytes: Uint8Array, options: { maxOutputLength: number }) => Uint8Array) =>
  (bytes: Uint8Array, length: number): Uint8Array =>
    how(bytes, { maxOutputLength: Math.max(1, length) });
const COMPRESSORS: Compressors = {
  GZIP: (bytes, length) => (bytes[0] === 0x1f ? inflate(gunzipSync)(bytes, length) : inflate(inflateRawSync)(bytes, length)),
  BROTLI: inflate(brotliDecompressSync),
};
const CODECS = ['UNCOMPRESSED', 'SNAPPY', ...Object.keys(COMPRESSORS)];

/**
 * Reads columns of a Parquet file (plain, dictionary and delta encodings; uncompressed, Snappy, gzip, Brotli).
 *
 * @param columns names; default all columns.
 * @throws EQM_DATA_MISSING, EQM_DATA_MALFORMED; what the file says of its sizes is checked before it is read.
 */
export async function readParquet(path: string, columns?: readonly string[]): Promise<ParquetTable> {
  const source = new FileSource(path);
  const { parquetMetadataAsync, parquetRead } = await import('hyparquet');
  const file = bufferOf(source);
  try {
    const metadata = await parquetMetadataAsync(file);
    const names = topLevel(metadata);
    for (const name of columns ?? [])
      if (!names.includes(name)) throw malformed(path, '', `the file has no column "${name}"; ${suggestion(name, names)}`);
    const wanted = columns ?? names;
    await checkSizes(source, metadata, new Set(wanted));
    // One column of one part at a time: the library reads several at once, and of several failures only one would be caught.
    const rows: Cell[][] = Array.from({ length: Number(metadata.num_rows) }, () => []);
    for (const name of wanted) {
      if (leaves(metadata, name) !== 1) throw malformed(path, `column "${name}"`, 'a column of records is not read');
      let rowStart = 0;
      for (const group of metadata.row_groups) {
        const rowEnd = rowStart + Number(group.num_rows);
        const from = rowStart;
        await parquetRead({
          ...{ file, metadata, columns: [name], compressors: COMPRESSORS, rowStart, rowEnd },
          onComplete: (read) => read.forEach((row, i) => rows[from + i]?.push((row as Cell[])[0])),
        });
        rowStart = rowEnd;
      }
    }
    const short = rows.findIndex((row) => row.length !== wanted.length);
    if (short >= 0) throw malformed(path, `row ${short + 1}`, `truncated: ${rows[short]!.length} of ${wanted.length} columns are there`);
    return { file: path, names: wanted, rows };
  } catch (cause) {
    if (cause instanceof EquimodalError) throw cause;
    throw malformed(path, '', `not a Parquet file, or a damaged one: ${messageOf(cause)}`, cause);
  }
}

/**
 * The cells as numbers, [rows, columns]; a list is as many columns as it has items. Booleans are 0 and 1, an absent value is NaN.
 *
 * @throws EQM_DATA_MALFORMED naming row and column of a cell that is not a number, or a row of another width.
 */
export function parquetNumbers({ file, names, rows }: ParquetTable): NdArray {
  const lists = rows.map((row, i) => {
    const numbers: number[] = [];
    row.forEach((cell, j) => flatten(cell, numbers, (what) => malformed(file, `row ${i + 1}, column "${names[j]}"`, what)));
    return numbers;
  });
  const width = lists[0]?.length ?? 0;
  const data = new Float64Array(lists.length * width);
  lists.forEach((numbers, i) => {
    if (numbers.length !== width)
      throw malformed(file, `row ${i + 1}`, `unequal rows: this row has ${numbers.length} numbers, row 1 has ${width}`);
    data.set(numbers, i * width);
  });
  return { shape: [lists.length, width], data };
}

function flatten(cell: Cell, out: number[], fail: (what: string) => EquimodalError): void {
  if (typeof cell === 'number') out.push(cell);
  else if (typeof cell === 'boolean') out.push(Number(cell));
  else if (cell === null || cell === undefined) out.push(Number.NaN);
  else if (Array.isArray(cell)) for (const item of cell as readonly Cell[]) flatten(item, out, fail);
  else if (typeof cell === 'bigint') {
    if (!Number.isSafeInteger(Number(cell))) throw fail(`${cell} is a 64-bit integer that a double cannot hold exactly`);
    out.push(Number(cell));
  } else throw fail(`${JSON.stringify(cell)?.slice(0, 40)} is not a number`);
}

function bufferOf(source: ByteSource): AsyncBuffer {
  return {
    byteLength: source.size,
    slice: (start, end = source.size) => {
      const bytes = source.read(start, end - start, 'a part of the file');
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    },
  };
}

/** Names of the columns; a list or a struct is one. */
function topLevel({ schema }: FileMetaData): string[] {
  const names: string[] = [];
  const skip = (at: number): number => {
    let next = at + 1;
    for (let child = 0; child < (schema[at]?.num_children ?? 0) && next < schema.length; child++) next = skip(next);
    return next;
  };
  for (let at = 1; at < schema.length; at = skip(at)) names.push(schema[at]!.name);
  return names;
}

/** Physical columns that a column is made of: more than one where it holds records. */
function leaves({ row_groups: groups }: FileMetaData, name: string): number {
  return groups[0]?.columns.filter(({ meta_data: column }) => column?.path_in_schema[0] === name).length ?? 1;
}

/** Refuses a file that claims more values than its pages can hold: every page header is read first. */
async function checkSizes(source: ByteSource, metadata: FileMetaData, wanted: ReadonlySet<string>): Promise<void> {
  const { parquetHeader } = await import('hyparquet/src/column.js');
  const limit = Math.min(LARGEST, largestExpansion(source.size));
  const fail = (what: string): EquimodalError => malformed(source.file, '', what);
  const number = (value: bigint | number, what: string): number => {
    if (!(value >= 0 && value <= limit)) throw fail(`${what} is ${value}, the file can hold at most ${limit}`);
    return Number(value);
  };
  number(metadata.num_rows * BigInt(Math.max(1, wanted.size)), 'the number of cells');
  let values = 0;
  let rows = 0;
  for (const group of metadata.row_groups) {
    rows += number(group.num_rows, 'the number of rows');
    for (const { meta_data: column, file_path: elsewhere } of group.columns) {
      if (column === undefined || !wanted.has(column.path_in_schema[0]!)) continue;
      if (elsewhere !== undefined && elsewhere !== '') throw fail('a column stands in another file; it is not read');
      if (!CODECS.includes(column.codec)) throw fail(`compression ${column.codec} is not read (${CODECS.join(', ')} are)`);
      const declared = number(column.num_values, 'the number of values');
      values = number(values + declared, 'the number of values');
      const start = Number(column.dictionary_page_offset ?? column.data_page_offset);
      const bytes = source.read(
        Math.min(start, Number(column.data_page_offset)),
        number(column.total_compressed_size, 'the size of a column'),
        'a column',
      );
      const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
      while (reader.offset < bytes.length - 1) {
        const before = reader.offset;
        const header = parquetHeader(reader);
        const inPage =
          header.data_page_header?.num_values ?? header.data_page_header_v2?.num_values ?? header.dictionary_page_header?.num_values ?? 0;
        if (!(inPage >= 0 && inPage <= Math.max(declared, bytes.length))) throw fail(`a page claims ${inPage} of ${declared} values`);
        const { compressed_page_size: packed, uncompressed_page_size: plain } = header;
        if (!(packed >= 0 && plain >= 0 && plain <= largestExpansion(packed)))
          throw fail(`a page claims ${plain} bytes from ${packed} compressed ones`);
        reader.offset += packed;
        if (reader.offset <= before || reader.offset > bytes.length) throw fail('truncated: a page ends behind its column');
      }
    }
  }
  if (BigInt(rows) !== metadata.num_rows) throw fail(`the parts have ${rows} rows, the whole ${metadata.num_rows}`);
}
