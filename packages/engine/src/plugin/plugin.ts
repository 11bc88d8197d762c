import { CONTRACT_VERSION, definePlugin } from '@equimodal/core';
import { cpuEngine } from '../providers/cpu/cpu.js';
import { nativeEngine } from '../providers/native/native.js';
import { wasmEngine } from '../providers/wasm/wasm.js';

/** The engines of this package, as a plugin. */
export const engines = definePlugin({
  name: '@equimodal/engine',
  contractVersion: CONTRACT_VERSION,
  provides: [nativeEngine, wasmEngine, cpuEngine],
});
