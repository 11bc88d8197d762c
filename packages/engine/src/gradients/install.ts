import { loadStandardGradients } from './base.js';
import { installBatchMatMulGradient } from './batch-matmul.js';
import { installEinsumGradient } from './einsum.js';
import { installGatherNdGradient } from './gather-nd.js';
import { installReductionGradients } from './reductions.js';
import { installReluGradient } from './relu.js';
import { installStridedSliceGradient } from './strided-slice.js';
import { installTopKGradient } from './top-k.js';
import { installZeroGradients } from './zero.js';

let installed = false;

/**
 * The gradients of TensorFlow.js, and our pack over them: gradients that TensorFlow.js lacks, has wrong, or computes wastefully. Every
 * engine of this package installs it when it starts; calling it again does nothing.
 *
 * First order. A gradient of a gradient through ops that TensorFlow.js differentiates by their
 * output (exp, tanh, sigmoid, softmax) stays wrong; use differences of gradients instead.
 */
export function installGradients(): void {
  if (installed) return;
  installed = true;
  loadStandardGradients();
  installZeroGradients();
  installBatchMatMulGradient();
  installReluGradient();
  installReductionGradients();
  installStridedSliceGradient();
  installGatherNdGradient();
  installTopKGradient();
  installEinsumGradient();
}
