import { loadStandardGradients } from './base.js';
import { installBatchMatMulGradient } from './batch-matmul.js';
import { installBroadcastingGradients } from './broadcasting.js';
import { installConv3dTransposeGradient } from './conv3d-transpose.js';
import { installCumulativeGradients } from './cumulative.js';
import { installDepthToSpaceGradient } from './depth-to-space.js';
import { installDiagGradient } from './diag.js';
import { installDilatedConvolutionGradients } from './dilated-convolution.js';
import { installEinsumGradient } from './einsum.js';
import { installExtremumGradients } from './extremum.js';
import { installGatherGradient } from './gather.js';
import { installGatherNdGradient } from './gather-nd.js';
import { installMirrorPadGradient } from './mirror-pad.js';
import { installReductionGradients } from './reductions.js';
import { installReluGradient } from './relu.js';
import { installScatterGradients } from './scatter.js';
import { installSplitGradients } from './split.js';
import { installStridedSliceGradient } from './strided-slice.js';
import { installTileGradient } from './tile.js';
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
  installExtremumGradients();
  installBroadcastingGradients();
  installCumulativeGradients();
  installTileGradient();
  installMirrorPadGradient();
  installSplitGradients();
  installStridedSliceGradient();
  installGatherGradient();
  installGatherNdGradient();
  installScatterGradients();
  installDiagGradient();
  installDepthToSpaceGradient();
  installDilatedConvolutionGradients();
  installConv3dTransposeGradient();
  installTopKGradient();
  installEinsumGradient();
}
