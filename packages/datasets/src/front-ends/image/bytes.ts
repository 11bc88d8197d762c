import { bytesAt, integersAt, kernels, scratch, type Address } from '../../kernels/kernels.js';
import type { Weights } from './axes.js';
import type { Box, Image } from './image.js';

/** Bits after the point of the weights that bytes are multiplied with, as in Pillow. A sum of bytes times them fits 32 bits. */
const PRECISION = 22;
const WORD = 4;

/** Weights of the places of both axes of the result; undefined leaves an axis as it is. */
interface Axes {
  readonly across: Weights | undefined;
  readonly down: Weights | undefined;
}

/**
 * A part of an image of bytes that lies inside it, resized: sums in fixed point, rounded and clamped after each axis, columns after rows.
 */
export function resizeBytes({ data, width, channels }: Image<Uint8Array>, box: Box, { across, down }: Axes): Image<Uint8Array> {
  const size = { width: across?.first.length ?? box.width, height: down?.first.length ?? box.height };
  const [row, wide] = [box.width * channels, size.width * channels];
  const areas = scratch(box.height * row, box.height * wide, size.height * wide, tableBytes(across), tableBytes(down));
  const [source, rows, columns, acrossAt, downAt] = areas as [Address, Address, Address, Address, Address];

  const pixels = bytesAt(source, box.height * row);
  for (let y = 0; y < box.height; y++) {
    const from = ((box.top + y) * width + box.left) * channels;
    pixels.set(data.subarray(from, from + row), y * row);
  }
  if (across !== undefined) {
    const table = store(across, acrossAt);
    if (channels === 3) kernels.rowsOfColours(source, rows, box.width, size.width, box.height, ...table);
    else kernels.rows(source, rows, box.width, size.width, box.height, channels, ...table);
  }
  const resized = across === undefined ? source : rows;
  if (down !== undefined) kernels.columns(resized, columns, wide, size.height, ...store(down, downAt));
  return { ...size, channels, data: bytesAt(down === undefined ? resized : columns, size.height * wide).slice() };
}

const tableBytes = (weights: Weights | undefined): number =>
  weights === undefined ? 0 : (2 * weights.first.length + weights.values.length) * WORD;

/** Writes a table; where its parts are, and its width. */
function store({ first, count, values, widest }: Weights, at: Address): [first: Address, count: Address, values: Address, widest: number] {
  const places = first.length;
  const table = integersAt(at, 2 * places + values.length);
  table.set(first);
  table.set(count, places);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    table[2 * places + i] = value * 2 ** PRECISION + (value < 0 ? -0.5 : 0.5);
  }
  return [at, at + places * WORD, at + 2 * places * WORD, widest];
}
