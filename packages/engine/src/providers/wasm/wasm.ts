import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { definePiece, EquimodalError, type EngineContext, type EngineProvider } from '@equimodal/core';
import { TfjsEngine } from '../../compile/engine.js';
import { installGradients } from '../../gradients/install.js';
import { installWasmKernels } from '../../kernels/install.js';
import { prepareProcess } from '../../process/environment.js';

const require = createRequire(import.meta.url);
const PACKAGE = '@tensorflow/tfjs-backend-wasm';
const MODULE = 'tfjs-backend-wasm-simd.wasm';

/** Folder of the .wasm files. */
function wasmFolder(): string | null {
  try {
    const folder = dirname(require.resolve(PACKAGE));
    return [folder, join(folder, '..', 'wasm-out')].find((candidate) => existsSync(join(candidate, MODULE))) ?? null;
  } catch {
    return null;
  }
}

/** Runs `start` and takes away the process-wide handlers that the emscripten loader leaves behind. */
async function withoutNewHandlers<T>(start: () => Promise<T>): Promise<T> {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => process.listeners(event as 'uncaughtException'));
  try {
    return await start();
  } finally {
    events.forEach((event, i) => {
      for (const listener of process.listeners(event as 'uncaughtException')) {
        if (!before[i]!.includes(listener)) process.off(event, listener);
      }
    });
  }
}

/** TensorFlow.js on WebAssembly, with the kernels that training needs and the backend lacks. One thread. */
export function wasmProvider(context: EngineContext): EngineProvider {
  return {
    probe: () => {
      const folder = wasmFolder();
      return Promise.resolve(
        folder === null
          ? { usable: false, reason: `the files of ${PACKAGE} are not installed` }
          : { usable: true, reason: 'WebAssembly with the training kernels of this package' },
      );
    },
    start: async () => {
      const folder = wasmFolder();
      if (folder === null) throw new EquimodalError('EQM_ENGINE_UNAVAILABLE', `engine wasm: the files of ${PACKAGE} are not installed`);
      prepareProcess(context);
      const { setWasmPaths, version_wasm: version } = await import('@tensorflow/tfjs-backend-wasm');
      if (tf.findBackend('wasm') === null) setWasmPaths(folder + sep);
      // Before the backend initialises: a kernel's set-up runs when its backend does.
      installWasmKernels();
      const started = await withoutNewHandlers(async () => {
        const set = await tf.setBackend('wasm');
        await tf.ready();
        return set;
      });
      if (!started)
        throw new EquimodalError('EQM_ENGINE_UNAVAILABLE', 'engine wasm: the backend did not start', {
          where: folder,
        });
      installGradients();
      return new TfjsEngine({
        id: 'wasm',
        backend: 'wasm',
        gpu: false,
        native: null,
        versions: { 'tfjs-backend-wasm': version },
        threads: 1,
      });
    },
  };
}

export const wasmEngine = definePiece({
  kind: 'engine',
  id: 'wasm',
  description: 'TensorFlow.js on WebAssembly (SIMD, one thread); runs everywhere',
  facts: {},
  options: z.object({}),
  create: (_options, context) => wasmProvider(context),
});
