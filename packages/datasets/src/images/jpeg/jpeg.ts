import type { Box, Image, Size } from '../../front-ends/image/image.js';
import { bytesAt, integersAt, kernels, scratch, wordsAt, type Address } from '../../kernels/kernels.js';
import { readHeader, type Codes, type Component, type Header } from './header.js';

/** Larger images would keep much memory for the rest of the thread's life. */
const MOST_PIXELS = 2 ** 22;

/** Place of each coefficient of the file within a block, row by row. */
// prettier-ignore
const ORDER = Uint8Array.from([
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
  35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
]);

// Sizes and places of what assembly/jpeg.ts reads, in bytes.
const WORD = 4;
const HEAD = 4;
const COMPONENT = 7;
const QUICK_BITS = 10;
const LARGEST = 2048;
const OFFSETS = 2116;
const SYMBOLS = 2184;
const TABLE = SYMBOLS + 256;
const QUANTISATION = 64 * WORD;
const WORK = QUANTISATION + 16;

/**
 * Decodes a baseline JPEG to 8-bit RGB [height, width, 3], the values of libjpeg bit by bit. Undefined for other kinds, for large ones,
 * and for whatever is not as it should be to the last byte of the scan.
 *
 * @param part what is wanted of an image of that size; it lies inside. Default: all of it.
 */
export function decodeBaseline(bytes: Uint8Array, part: (size: Size) => Box = whole): Image<Uint8Array> | undefined {
  const header = readHeader(bytes);
  if (header === undefined) return undefined;
  const { width, height, components, restartInterval, scan } = header;
  const plan = planOf(header);
  const length = bytes.length - scan;
  // A block takes two bits at least.
  if (width * height > MOST_PIXELS || plan.blocks > 4 * length) return undefined;
  const box = part({ width, height });
  const size = 3 * box.width * box.height;

  const areas = scratch(
    ...[length, (HEAD + COMPONENT * components.length) * WORD, WORK, ORDER.length, 4 * width + 512, size],
    ...plan.planes.map(({ row, rows }) => row * rows),
    ...components.flatMap(() => [QUANTISATION, TABLE, TABLE]),
  );
  const [from, frame, work, order, rows, out] = areas as [Address, Address, Address, Address, Address, Address];
  const samples = areas.slice(6, 6 + components.length);
  const tables = areas.slice(6 + components.length);
  bytesAt(from, length).set(bytes.subarray(scan));
  bytesAt(order, ORDER.length).set(ORDER);
  const words = [components.length, plan.across, plan.down, restartInterval];
  components.forEach((component, i) => {
    const [quantisation, dc, ac] = tables.slice(3 * i) as [Address, Address, Address];
    storeTables(component, quantisation, dc, ac);
    words.push(component.h, component.v, quantisation, dc, ac, samples[i]!, plan.planes[i]!.row);
  });
  integersAt(frame, words.length).set(words);

  if (kernels.scan(frame, from, length, work, order) === 0) return undefined;
  store(header, plan, samples, box, rows, out);
  return { width: box.width, height: box.height, channels: 3, data: bytesAt(out, size).slice() };
}

/** All of an image. */
export const whole = ({ width, height }: Size): Box => ({ left: 0, top: 0, width, height });

/** Writes the colours of a part. */
function store(
  { width, height, components }: Header,
  { planes }: Plan,
  samples: readonly Address[],
  box: Box,
  rows: Address,
  out: Address,
) {
  const [luma, blue, red] = samples as [Address, Address?, Address?];
  const lumaRow = planes[0]!.row;
  if (blue === undefined || red === undefined) {
    kernels.greys(luma + box.top * lumaRow + box.left, lumaRow, box.width, box.height, out);
    return;
  }
  const { h, v } = components[0]!;
  const chroma = [planes[1]!.row, h, v, Math.ceil(width / h), Math.ceil(height / v)];
  kernels.colours(luma, blue, red, lumaRow, ...chroma, box.left, box.top, box.width, box.height, rows, out);
}

type Plan = ReturnType<typeof planOf>;

/** MCUs, and the samples of each component, which fill whole MCUs. */
function planOf({ width, height, components }: Header) {
  const { h, v } = components[0]!;
  const across = Math.ceil(width / (8 * h));
  const down = Math.ceil(height / (8 * v));
  const planes = components.map((component) => ({ row: 8 * across * component.h, rows: 8 * down * component.v }));
  return { across, down, planes, blocks: planes.reduce((sum, { row, rows }) => sum + (row * rows) / 64, 0) };
}

function storeTables({ quantisation, dc, ac }: Component, quantisationAt: Address, dcAt: Address, acAt: Address): void {
  integersAt(quantisationAt, 64).set(quantisation);
  storeCodes(dc, dcAt);
  storeCodes(ac, acAt);
}

/** Codes as a table by their first bits, and by their lengths: see assembly/jpeg.ts. */
function storeCodes({ counts, symbols }: Codes, at: Address): void {
  const quick = wordsAt(at, 2 ** QUICK_BITS).fill(0);
  const largest = integersAt(at + LARGEST, counts.length).fill(-1);
  const offsets = integersAt(at + OFFSETS, counts.length).fill(0);
  bytesAt(at + SYMBOLS, symbols.length).set(symbols);
  let code = 0;
  let place = 0;
  for (let length = 1; length < counts.length; length++) {
    const count = counts[length]!;
    offsets[length] = place - code;
    for (let i = 0; i < count && length <= QUICK_BITS; i++) {
      const first = (code + i) << (QUICK_BITS - length);
      quick.fill((length << 8) | symbols[place + i]!, first, first + 2 ** (QUICK_BITS - length));
    }
    if (count > 0) largest[length] = code + count - 1;
    code = (code + count) * 2;
    place += count;
  }
}
