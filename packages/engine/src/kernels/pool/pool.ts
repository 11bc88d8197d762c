import * as tf from '@tensorflow/tfjs-core';
import type { KernelFunc, NamedAttrMap } from '@tensorflow/tfjs-core';
import { hostMemory, type HostBackendName } from '../../backend/host.js';
import { replaceKernel } from '../../backend/register.js';
import { axisOf, type SpatialAxis } from '../convolution/geometry.js';
import { setWasmKernel } from '../wasm-kernel.js';

/** Sizes of a pooling over images [batch, depth, height, width, channels]; in 2-D the depth is one. */
interface Pooling {
  readonly batch: number;
  readonly channels: number;
  readonly axes: readonly [SpatialAxis, SpatialAxis, SpatialAxis];
  readonly outShape: readonly number[];
}

const FLAT: SpatialAxis = { size: 1, out: 1, filter: 1, stride: 1, dilation: 1, before: 0 };

function pooling(shape: readonly number[], attrs: NamedAttrMap): Pooling {
  const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as {
    filterSize: [number, number] & [number, number, number];
    strides: [number, number] & [number, number, number];
    pad: 'valid' | 'same' | number;
    dimRoundingMode: 'floor' | 'round' | 'ceil' | undefined;
  };
  if (shape.length === 5) {
    const images = [...shape] as [number, number, number, number, number];
    const info = tf.backend_util.computePool3DInfo(images, filterSize, strides, 1, pad, dimRoundingMode);
    const axes = [axisOf(info, 'Depth', 'front'), axisOf(info, 'Height', 'top'), axisOf(info, 'Width', 'left')] as const;
    return { batch: info.batchSize, channels: info.inChannels, axes, outShape: info.outShape };
  }
  const images = [...shape] as [number, number, number, number];
  const info = tf.backend_util.computePool2DInfo(images, filterSize, strides, 1, pad, dimRoundingMode);
  const axes = [FLAT, axisOf(info, 'Height', 'top'), axisOf(info, 'Width', 'left')] as const;
  return { batch: info.batchSize, channels: info.inChannels, axes, outShape: info.outShape };
}

/** What is done with a window: its places inside the image come row by row, as offsets [from, to) of all their channels. */
interface WindowVisitor {
  /** With the number of places inside the image, and the offset of the output's first channel. */
  open(places: number, output: number): void;
  row(from: number, to: number, output: number): void;
  close?(output: number): void;
}

/** The part of the image under the window at an output position. */
function under(at: number, axis: SpatialAxis): [number, number] {
  const start = at * axis.stride - axis.before;
  return [Math.max(0, start), Math.min(axis.size, start + axis.filter)];
}

function forEachWindow({ batch, channels, axes }: Pooling, { open, row, close }: WindowVisitor): void {
  const [deep, high, wide] = axes;
  let output = 0;
  for (let image = 0; image < batch; image++) {
    for (let z = 0; z < deep.out; z++) {
      const [front, back] = under(z, deep);
      for (let y = 0; y < high.out; y++) {
        const [top, bottom] = under(y, high);
        for (let x = 0; x < wide.out; x++, output += channels) {
          const [left, right] = under(x, wide);
          open((back - front) * (bottom - top) * (right - left), output);
          for (let plane = front; plane < back; plane++) {
            for (let line = top; line < bottom; line++) {
              const start = ((image * deep.size + plane) * high.size + line) * wide.size;
              row((start + left) * channels, (start + right) * channels, output);
            }
          }
          close?.(output);
        }
      }
    }
  }
}

/** The largest number of each window, per channel. */
export function maxPool(x: Float32Array, pool: Pooling, out: Float32Array): void {
  const { channels } = pool;
  forEachWindow(pool, {
    open: (_places, output) => void out.fill(-Infinity, output, output + channels),
    row(from, to, output) {
      for (let at = from; at < to;) for (let c = 0; c < channels; c++, at++) if (x[at]! > out[output + c]!) out[output + c] = x[at]!;
    },
  });
}

/** dy goes to the first maximum of each window. */
export function maxPoolGradient(dy: Float32Array, x: Float32Array, pool: Pooling, dx: Float32Array): void {
  const { channels } = pool;
  const best = new Float32Array(channels);
  const where = new Int32Array(channels);
  dx.fill(0);
  forEachWindow(pool, {
    open: () => void where.fill(-1),
    row(from, to) {
      for (let at = from; at < to;) {
        for (let c = 0; c < channels; c++, at++) {
          if (where[c]! >= 0 && !(x[at]! > best[c]!)) continue;
          best[c] = x[at]!;
          where[c] = at;
        }
      }
    },
    close(output) {
      for (let c = 0; c < channels; c++) if (where[c]! >= 0) dx[where[c]!]! += dy[output + c]!;
    },
  });
}

/** dy is shared by the entries of the window that lie inside the image, as the forward pass averages them. */
export function averagePoolGradient(dy: Float32Array, pool: Pooling, dx: Float32Array): void {
  const { channels } = pool;
  let share = 0;
  dx.fill(0);
  forEachWindow(pool, {
    open: (places) => void (share = 1 / places),
    row(from, to, output) {
      for (let at = from; at < to;) for (let c = 0; c < channels; c++, at++) dx[at]! += dy[output + c]! * share;
    },
  });
}

/**
 * Gradients of pooling on wasm and cpu. The average's gradients of TensorFlow.js divide by the whole window also at a padded border,
 * where the forward pass does not; the maximum's are slow on wasm.
 */
export function installPoolGradients(backendName: HostBackendName): void {
  for (const kernelName of [tf.MaxPoolGrad, tf.MaxPool3DGrad, tf.AvgPoolGrad, tf.AvgPool3DGrad]) {
    const isMaximum = kernelName === tf.MaxPoolGrad || kernelName === tf.MaxPool3DGrad;
    replaceKernel({
      kernelName,
      backendName,
      kernelFunc: (({ inputs, attrs, backend }) => {
        const memory = hostMemory(backendName, backend);
        const [x, dy] = [inputs['input']!, inputs['dy']!];
        const output = memory.allocate(x.shape, 'float32');
        const pool = pooling(x.shape, attrs!);
        if (isMaximum) maxPoolGradient(memory.float32(dy), memory.float32(x), pool, memory.float32(output));
        else averagePoolGradient(memory.float32(dy), pool, memory.float32(output));
        return output;
      }) as KernelFunc,
    });
  }
}

/** Max pooling in 3-D on wasm, where the backend takes no number below 1.2e-38 for a maximum. */
export function installMaxPool3d(): void {
  setWasmKernel(tf.MaxPool3D, ({ inputs, attrs, memory }) => {
    const x = inputs['x']!;
    const pool = pooling(x.shape, attrs);
    const output = memory.allocate(pool.outShape, 'float32');
    maxPool(memory.float32(x), pool, memory.float32(output));
    return output;
  });
}
