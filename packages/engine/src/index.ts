export { statelessUniform } from './ops/stateless-uniform/stateless-uniform.js';
export { batchNormTraining, type BatchNormOutput } from './ops/batch-norm/batch-norm.js';
export { batchNormRunning, type RunningStatistics } from './ops/batch-norm/running.js';
export { addBias } from './ops/bias/bias.js';
export { paddedConv2d, type ExplicitPadding } from './ops/conv2d/conv2d.js';
export { paddedConv3d, type ExplicitPadding3d } from './ops/conv3d/conv3d.js';
export { labelCrossEntropy, type Reduction } from './ops/cross-entropy/cross-entropy.js';
export { attend, type AttendOptions } from './ops/attention/attention.js';
export { dropBelow } from './ops/dropout/dropout.js';
export { gelu } from './ops/gelu/gelu.js';
export { type GeluForm } from './ops/gelu/forms.js';
export { layerNormalize } from './ops/layer-norm/layer-norm.js';
export { l2Normalize } from './ops/l2-normalize/l2-normalize.js';
export { stopGradient } from './ops/stop-gradient/stop-gradient.js';
export { opFlops, programFlops } from './flops/flops.js';
export { graphModel, type GraphModel, type GraphModelRequest } from './graph-model/graph-model.js';
export { isRecording } from './capture/recorder.js';
export { tensorCount } from './ops/tensor-count.js';
export { installGradients } from './gradients/install.js';
export { cacheFolder } from '@equimodal/core';
export { linkNative, type LinkOptions } from './native/link/link.js';
export { unlinkNative } from './native/link/unlink.js';
export { nativeFolder } from './native/library/library.js';
export { cpuEngine, cpuProvider } from './providers/cpu/cpu.js';
export { nativeEngine, nativeProvider } from './providers/native/native.js';
export { wasmEngine, wasmProvider } from './providers/wasm/wasm.js';
export {
  engineProviders,
  probeEngines,
  selectEngine,
  type EngineCandidate,
  type EngineEntry,
  type Selection,
  type SelectOptions,
} from './select/select.js';
export { engines } from './plugin/plugin.js';
export { diagnose, formatDoctor, type Diagnosis } from './doctor/doctor.js';
export { startTestEngine, usableTestEngines } from './test-engine/test-engine.js';
