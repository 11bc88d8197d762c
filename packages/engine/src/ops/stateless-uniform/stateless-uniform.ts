import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { EquimodalError } from '@equimodal/core';
import { attributes } from '../../backend/native.js';
import { registerHostKernel, registerNativeKernel } from '../../backend/register.js';
import { fillUniform } from './philox.js';

const KERNEL = 'StatelessRandomUniform';

registerHostKernel(KERNEL, ({ inputs, attrs }, memory) => {
  const output = memory.allocate(attrs['shape'] as number[], 'float32');
  const key = memory.int32(inputs['key']!);
  fillUniform(memory.float32(output), key[0]!, key[1]!);
  return output;
});

registerNativeKernel(KERNEL, ({ inputs, attrs }, backend) => {
  const shape = tf.tensor1d(attrs['shape'] as number[], 'int32');
  const { float32, int32 } = attributes(backend);
  const output = backend.executeSingleOutput(KERNEL, [float32('dtype'), int32('T'), int32('Tseed')], [shape, inputs['key']!]);
  shape.dispose();
  return output;
});

/** A constant of the key: nothing flows back. */
tf.registerGradient({
  kernelName: KERNEL,
  inputsToSave: ['key'],
  gradFunc: (_dy, saved) => ({ key: () => tf.zeros(saved[0]!.shape) }),
});

/**
 * Uniform random numbers that are a pure function of a key: equal keys give equal tensors, on every
 * engine to the bit.
 *
 * @param shape of the result; empty for a scalar.
 * @param key int32 [2]. An input of the step, so that a step that was captured once still draws
 *   fresh numbers at each replay.
 * @returns float32 in [0, 1), of that shape.
 * @throws EquimodalError EQM_PLUGIN_FAULT when the key is not int32 [2].
 *
 * Source: TensorFlow's `StatelessRandomUniform`; Philox 4x32-10 (Salmon et al., SC 2011).
 */
export function statelessUniform(shape: readonly number[], key: Tensor): Tensor {
  if (key.dtype !== 'int32' || key.size !== 2 || key.rank !== 1) {
    throw new EquimodalError('EQM_PLUGIN_FAULT', `statelessUniform needs a key of int32 [2], got ${key.dtype} [${key.shape.join(', ')}]`, {
      where: 'statelessUniform',
      fix: "Make it with tf.tensor1d(random.key, 'int32') and hand it to the step as an input.",
    });
  }
  return tf.engine().runKernel(KERNEL, { key }, { shape: [...shape] }) as unknown as Tensor;
}
