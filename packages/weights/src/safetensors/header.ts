import { EquimodalError } from '@equimodal/core';

/** Bytes of one number of each type that the format knows. */
const WIDTHS: Readonly<Record<string, number>> = {
  ...{ BOOL: 1, U8: 1, I8: 1, F8_E5M2: 1, F8_E4M3: 1, I16: 2, U16: 2, F16: 2, BF16: 2 },
  ...{ I32: 4, U32: 4, F32: 4, F64: 8, I64: 8, U64: 8 },
};
/** The format's own limit. */
const LARGEST_HEADER = 100_000_000;

/** What the header of a file says of one tensor. */
export interface TensorInfo {
  /** `F32`, `F16`, `BF16`, `F64`, `I64`, `I32`, ... */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** First and last byte + 1, from the start of the data. */
  readonly offsets: readonly [number, number];
}

/** The header of a file, checked: the tensors fill the data without a gap or an overlap. */
export interface Header {
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly metadata: Readonly<Record<string, string>>;
}

export function malformed(file: string, what: string, cause?: unknown): EquimodalError {
  return new EquimodalError('EQM_WEIGHTS_MALFORMED', `the weight file cannot be read: ${what}`, { where: file, cause });
}

/**
 * How long a header is, from the first eight bytes of a file of a given size.
 *
 * @throws EQM_WEIGHTS_MALFORMED if the file is shorter than its header.
 */
export function headerLength(file: string, first: Uint8Array, fileBytes: number): number {
  if (first.length < 8) throw malformed(file, `it has ${fileBytes} bytes, which is too short for a header`);
  const length = new DataView(first.buffer, first.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(Math.min(LARGEST_HEADER, fileBytes - 8))) {
    throw malformed(
      file,
      `its header would be ${length} bytes long, and the file has ${fileBytes}; it is truncated or no safetensors file`,
    );
  }
  return Number(length);
}

/**
 * Parses and checks a header.
 *
 * @param dataBytes bytes of the file behind the header.
 * @throws EQM_WEIGHTS_MALFORMED naming the tensor at fault.
 */
export function parseHeader(file: string, text: string, dataBytes: number): Header {
  let table: unknown;
  try {
    table = JSON.parse(text);
  } catch (error) {
    throw malformed(file, 'its header is not JSON', error);
  }
  if (!isRecord(table)) throw malformed(file, 'its header is not a table of tensors');
  const { __metadata__: metadata = {}, ...entries } = table;
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === 'string')) {
    throw malformed(file, 'its metadata are not texts by name');
  }
  const tensors = new Map(Object.entries(entries).map(([name, entry]) => [name, tensorInfo(file, name, entry)]));
  checkCoverage(file, tensors, dataBytes);
  return { tensors, metadata: metadata as Record<string, string> };
}

function tensorInfo(file: string, name: string, entry: unknown): TensorInfo {
  const { dtype, shape, data_offsets: offsets } = isRecord(entry) ? entry : {};
  const width = typeof dtype === 'string' && Object.hasOwn(WIDTHS, dtype) ? WIDTHS[dtype]! : undefined;
  if (width === undefined) throw malformed(file, `tensor "${name}" has the unknown type ${JSON.stringify(dtype)}`);
  if (!isSizes(shape)) throw malformed(file, `tensor "${name}" has the shape ${JSON.stringify(shape)}`);
  const bytes = shape.reduce((product, size) => product * size, width);
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[1]! - offsets[0]! !== bytes) {
    throw malformed(
      file,
      `tensor "${name}" is ${dtype as string} [${shape.join(', ')}], ${bytes} bytes, but stands at ${JSON.stringify(offsets)}`,
    );
  }
  return { dtype: dtype as string, shape, offsets: offsets as unknown as [number, number] };
}

function checkCoverage(file: string, tensors: ReadonlyMap<string, TensorInfo>, dataBytes: number): void {
  let at = 0;
  for (const [name, { offsets }] of [...tensors].sort(([, a], [, b]) => a.offsets[0] - b.offsets[0] || a.offsets[1] - b.offsets[1])) {
    if (offsets[0] !== at) throw malformed(file, `tensor "${name}" starts at byte ${offsets[0]} of the data, where ${at} is next`);
    at = offsets[1];
  }
  if (at !== dataBytes)
    throw malformed(file, `its tensors are ${at} bytes, and ${dataBytes} are there; it is truncated or has been changed`);
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && (size as number) >= 0);
