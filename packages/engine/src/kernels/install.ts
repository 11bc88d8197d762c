import * as tf from '@tensorflow/tfjs-core';
import { installArithmetic } from './arithmetic/arithmetic.js';
import { installFilterGradient } from './conv2d/filter-gradient.js';
import { installInputGradient } from './conv2d/input-gradient.js';
import { installDepthwiseGradients } from './depthwise/depthwise.js';
import { installBroadcastMatMul, installMatMul } from './matmul/matmul.js';
import { installOneHot } from './one-hot/one-hot.js';
import { installPoolGradients } from './pool/pool.js';
import { installReductions } from './reduce/reduce.js';
import { installSegmentSum } from './segment-sum/segment-sum.js';
import { installSlice } from './slice/slice.js';
import { installTile } from './tile/tile.js';
import { installTranspose } from './transpose/transpose.js';

const installed = new Set<string>();

/** True the first time for a backend whose kernels have been registered. */
function isFirst(backendName: string): boolean {
  if (installed.has(backendName) || tf.getKernel(tf.BatchMatMul, backendName) === undefined) return false;
  installed.add(backendName);
  return true;
}

/**
 * The kernel pack of the wasm backend: kernels that training needs and the backend lacks or has
 * wrong, and faster ones for those that dominate a training step. The backend's package must have
 * been imported. Calling it again does nothing.
 */
export function installWasmKernels(): void {
  if (!isFirst('wasm')) return;
  installTranspose();
  installMatMul();
  installReductions();
  installTile();
  installArithmetic();
  installSlice();
  installOneHot();
  installSegmentSum();
  installFilterGradient();
  installInputGradient();
  installDepthwiseGradients();
  installPoolGradients('wasm');
}

/** Corrections of the cpu backend, whose kernels must have been registered. Calling it again does nothing. */
export function installCpuKernels(): void {
  if (!isFirst('cpu')) return;
  installBroadcastMatMul();
  installPoolGradients('cpu');
}
