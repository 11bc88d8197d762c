import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { KernelBackend } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { definePiece, EquimodalError, type EngineContext, type EngineProvider } from '@equimodal/core';
import { NATIVE_BACKEND, type NativeBackend, type NativeBinding } from '../../backend/native.js';
import { TfjsEngine } from '../../compile/engine.js';
import { compileReplaying } from '../../compile/replay.js';
import { installGradients } from '../../gradients/install.js';
import { installNativeKernels } from '../../native/kernels/kernels.js';
import { findNative, findTfjsNode } from '../../native/library/library.js';
import { effectiveThreads, prepareProcess, wantsCapture } from '../../process/environment.js';

const require = createRequire(import.meta.url);

/** Registers the kernels and the backend of `@tensorflow/tfjs-node-gpu` without its entry file. */
function registerNativeBackend(folder: string, addon: string): void {
  if (tf.engine().registryFactory[NATIVE_BACKEND] !== undefined) return;
  const binding = require(addon) as NativeBinding;
  require(join(folder, 'dist', 'register_all_kernels.js'));
  const { NodeJSKernelBackend } = require(join(folder, 'dist', 'nodejs_kernel_backend.js')) as {
    NodeJSKernelBackend: new (binding: NativeBinding, packageName: string) => KernelBackend;
  };
  tf.registerBackend(NATIVE_BACKEND, () => new NodeJSKernelBackend(binding, '@tensorflow/tfjs-node-gpu'), 3);
}

/** TensorFlow itself, on the CPU or on CUDA: the add-on of tfjs-node over an official or a linked library. */
export function nativeProvider(context: EngineContext): EngineProvider {
  return {
    probe: () => {
      const { info, reason } = findNative();
      return Promise.resolve({ usable: info !== null, reason });
    },
    start: async () => {
      const { info, reason } = findNative();
      const tfjs = findTfjsNode();
      if (info === null || tfjs === null) throw new EquimodalError('EQM_ENGINE_UNAVAILABLE', `engine native: ${reason}`);
      prepareProcess(context);
      // The official binary has no signal shield: keep it off the generated code that signals corrupt.
      if (info.origin === 'official') process.env['TENSORFLOW_USE_CUSTOM_CONTRACTION_KERNEL'] ??= '0';
      for (const [name, value] of Object.entries(info.environment ?? {})) process.env[name] ??= value;
      registerNativeBackend(tfjs.folder, info.addon);
      if (!(await tf.setBackend(NATIVE_BACKEND))) {
        throw new EquimodalError('EQM_ENGINE_UNAVAILABLE', 'engine native: the backend did not start', {
          where: info.addon,
        });
      }
      installNativeKernels();
      installGradients();
      const backend = tf.backend() as unknown as NativeBackend;
      const tensorflow = backend.binding.TF_Version;
      return new TfjsEngine(
        {
          id: 'native',
          backend: NATIVE_BACKEND,
          gpu: Boolean(backend.isUsingGpuDevice),
          native: { ...info, tensorflow },
          versions: { 'tfjs-node-gpu': tfjs.version, tensorflow },
          threads: effectiveThreads(context.threads),
        },
        wantsCapture(context.capture) ? (program, options) => compileReplaying(program, backend, options) : undefined,
      );
    },
  };
}

export const nativeEngine = definePiece({
  kind: 'engine',
  id: 'native',
  description: 'TensorFlow behind TensorFlow.js, on CPU or CUDA; prepared by `equimodal engine link`',
  facts: { note: 'Fastest. CUDA through a linked wheel has not been tried.' },
  options: z.object({}),
  create: (_options, context) => nativeProvider(context),
});
