import type { TensorInfo } from '@tensorflow/tfjs-core';
import { copyBox } from '../box/box.js';
import { sizeOf, type WasmCall } from '../wasm-kernel.js';
import type { Geometry } from './geometry.js';

/** Bytes of images and outputs that a chunk of positions touches, so that they stay in a second-level cache. */
const CHUNK_BYTES = 131_072;

/**
 * The windows of a convolution in memory. With its border, the image of every window is made of the same runs of neighbouring
 * numbers, relative to where the window begins: one run a filter row (one a tap where the filter is dilated along the last axis).
 */
export interface Windows {
  /** Shape of the images with their border: [batch, ...axes, channels]. */
  readonly bordered: readonly number[];
  /** Where the images lie in it. */
  readonly begin: readonly number[];
  /** Whether the border has any width. */
  readonly hasBorder: boolean;
  /** Output positions of the whole batch. */
  readonly positions: number;
  /** Offsets of the runs in a window, bytes. */
  readonly runs: readonly number[];
  /** Numbers in a run. */
  readonly runLength: number;
  /** Positions to do at once. */
  readonly chunk: number;
}

/** Bytes from one entry to the next along each spatial axis. */
function steps(bordered: readonly number[]): number[] {
  return bordered.slice(1, -1).map((_, axis) => 4 * sizeOf(bordered.slice(axis + 2)));
}

export function windows({ batch, axes, inChannels, outChannels }: Geometry): Windows {
  const sizes = axes.map((axis) => Math.max(axis.before + axis.size, (axis.out - 1) * axis.stride + (axis.filter - 1) * axis.dilation + 1));
  const bordered = [batch, ...sizes, inChannels];
  const step = steps(bordered);
  const last = axes.at(-1)!;
  const joined = last.dilation === 1;
  const runs = axes.reduce<number[]>(
    (offsets, { filter, dilation }, axis) =>
      joined && axis === axes.length - 1
        ? offsets
        : offsets.flatMap((offset) => Array.from({ length: filter }, (_, tap) => offset + tap * dilation * step[axis]!)),
    [0],
  );
  const positions = batch * axes.reduce((product, { out }) => product * out, 1);
  const bytesPerPosition = (4 * sizeOf(bordered)) / positions + 4 * outChannels;
  return {
    bordered,
    begin: [0, ...axes.map(({ before }) => before), 0],
    hasBorder: sizes.some((size, axis) => size !== axes[axis]!.size),
    positions,
    runs,
    runLength: joined ? last.filter * inChannels : inChannels,
    chunk: 4 * Math.max(4, Math.ceil(CHUNK_BYTES / bytesPerPosition / 4)),
  };
}

/** A table of where the window of every output position begins in the bordered images. */
export function windowTable(call: WasmCall, { batch, axes }: Geometry, { bordered, positions }: Windows): TensorInfo {
  const info = call.memory.allocate([positions], 'int32');
  const table = call.memory.int32(info);
  const step = steps(bordered);
  let at = 0;
  const visit = (axis: number, offset: number): void => {
    const { out, stride } = axes[axis]!;
    const advance = stride * step[axis]!;
    if (axis === axes.length - 1) for (let i = 0; i < out; i++, offset += advance) table[at++] = offset;
    else for (let i = 0; i < out; i++, offset += advance) visit(axis + 1, offset);
  };
  for (let image = 0; image < batch; image++) visit(0, 4 * image * sizeOf(bordered.slice(1)));
  return info;
}

/** A table of 0, step, 2 step, ... bytes. */
export function rowTable(call: WasmCall, rows: number, step: number): TensorInfo {
  const info = call.memory.allocate([rows], 'int32');
  const table = call.memory.int32(info);
  for (let i = 0, offset = 0; i < rows; i++, offset += step) table[i] = offset;
  return info;
}

/** The images with their border of zeros: themselves where there is none, else a copy. */
export function withBorder(call: WasmCall, x: TensorInfo, { bordered, begin, hasBorder }: Windows): TensorInfo {
  if (!hasBorder) return x;
  const { memory } = call;
  const output = memory.allocate(bordered, 'float32');
  memory.float32(output).fill(0);
  copyBox(call, 'into', x, output, begin);
  return output;
}
