import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { definePiece, EquimodalError, type EngineContext, type EngineProvider } from '@equimodal/core';
import { TfjsEngine } from '../../compile/engine.js';
import { installGradients } from '../../gradients/install.js';
import { installCpuKernels } from '../../kernels/install.js';
import { prepareProcess } from '../../process/environment.js';

/** TensorFlow.js in plain JavaScript: slow, and always there. The reference for the others in tests. */
export function cpuProvider(context: EngineContext): EngineProvider {
  return {
    probe: () => Promise.resolve({ usable: true, reason: 'plain JavaScript, slow' }),
    start: async () => {
      prepareProcess(context);
      // The package that brings the gradients brings this backend, too.
      installGradients();
      installCpuKernels();
      if (!(await tf.setBackend('cpu'))) throw new EquimodalError('EQM_ENGINE_UNAVAILABLE', 'engine cpu: the backend did not start');
      return new TfjsEngine({
        id: 'cpu',
        backend: 'cpu',
        gpu: false,
        native: null,
        versions: {},
        threads: 1,
      });
    },
  };
}

export const cpuEngine = definePiece({
  kind: 'engine',
  id: 'cpu',
  description: 'TensorFlow.js in plain JavaScript; for tests and as a last resort',
  facts: {},
  options: z.object({}),
  create: (_options, context) => cpuProvider(context),
});
