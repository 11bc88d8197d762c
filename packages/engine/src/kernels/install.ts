import * as tf from '@tensorflow/tfjs-core';
import '../ops/batch-norm/batch-norm.js';
import { installArithmetic } from './arithmetic/arithmetic.js';
import { installBatchNorm } from './batch-norm/batch-norm.js';
import { installConvolutions } from './convolution/forward.js';
import { installFilterGradients } from './convolution/filter-gradient.js';
import { installInputGradients } from './convolution/input-gradient.js';
import { installDepthwiseGradients } from './depthwise/depthwise.js';
import { installBroadcastMatMul } from './matmul/broadcast.js';
import { installMatMul } from './matmul/matmul.js';
import { installEinsum } from './einsum/einsum.js';
import { installGather } from './gather/gather.js';
import { installIdentity } from './identity/identity.js';
import { installOneHot } from './one-hot/one-hot.js';
import { installPad } from './pad/pad.js';
import { installMaxPool3d, installPoolGradients } from './pool/pool.js';
import { installReluGradient } from './relu/relu.js';
import { installReductions } from './reduce/reduce.js';
import { installResizeGradient } from './resize/resize.js';
import { installReverse } from './reverse/reverse.js';
import { installScatterUpdate } from './scatter/scatter.js';
import { installSegmentSum } from './segment-sum/segment-sum.js';
import { installSlice } from './slice/slice.js';
import { installSplit } from './split/split.js';
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
  installSplit();
  installGather();
  installReverse();
  installPad();
  installIdentity();
  installReluGradient();
  installBatchNorm();
  installOneHot();
  installSegmentSum();
  installConvolutions();
  installFilterGradients();
  installInputGradients();
  installDepthwiseGradients();
  installPoolGradients('wasm');
  installMaxPool3d();
  installEinsum('wasm');
}

/** Corrections of the cpu backend, whose kernels must have been registered. Calling it again does nothing. */
export function installCpuKernels(): void {
  if (!isFirst('cpu')) return;
  installBroadcastMatMul();
  installPoolGradients('cpu');
  installEinsum('cpu');
  installResizeGradient();
  installScatterUpdate();
}
