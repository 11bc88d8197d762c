export { statelessUniform } from './ops/stateless-uniform/stateless-uniform.js';
export { batchNormTraining, type BatchNormOutput } from './ops/batch-norm/batch-norm.js';
export { stopGradient } from './ops/stop-gradient/stop-gradient.js';
export { tensorCount } from './ops/tensor-count.js';
export { installGradients } from './gradients/install.js';
export { cacheFolder } from './native/library/library.js';
export { linkNative, type LinkOptions } from './native/link/link.js';
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
