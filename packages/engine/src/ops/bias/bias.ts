import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { EquimodalError } from '@equimodal/core';
import { attributes, type NativeBackend } from '../../backend/native.js';
import { registerHostKernel, registerNativeKernel } from '../../backend/register.js';

const KERNEL = 'BiasAdd';
const GRADIENT_KERNEL = 'BiasAddGrad';

const nativeAttributes = (backend: NativeBackend) => [attributes(backend).float32('T'), attributes(backend).text('data_format', 'NHWC')];

registerNativeKernel(KERNEL, ({ inputs }, backend) =>
  backend.executeSingleOutput(KERNEL, nativeAttributes(backend), [inputs['x']!, inputs['bias']!]),
);
registerNativeKernel(GRADIENT_KERNEL, ({ inputs }, backend) =>
  backend.executeSingleOutput(GRADIENT_KERNEL, nativeAttributes(backend), [inputs['dy']!]),
);

registerHostKernel(KERNEL, ({ inputs }, memory) => {
  const output = memory.allocate(inputs['x']!.shape, 'float32');
  const [y, x, bias] = [output, inputs['x']!, inputs['bias']!].map((info) => memory.float32(info)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const channels = bias.length;
  for (let at = 0; at < x.length;) for (let c = 0; c < channels; c++, at++) y[at] = x[at]! + bias[c]!;
  return output;
});

registerHostKernel(GRADIENT_KERNEL, ({ inputs }, memory) => {
  const channels = inputs['dy']!.shape.at(-1)!;
  const output = memory.allocate([channels], 'float32');
  const dy = memory.float32(inputs['dy']!);
  const sums = new Float64Array(channels);
  for (let at = 0; at < dy.length;) for (let c = 0; c < channels; c++) sums[c]! += dy[at++]!;
  memory.float32(output).set(sums);
  return output;
});

const biasGradient = (dy: Tensor): Tensor => tf.engine().runKernel(GRADIENT_KERNEL, { dy }) as unknown as Tensor;

tf.registerGradient({
  kernelName: KERNEL,
  gradFunc: (upstream) => {
    const dy = upstream as Tensor;
    return { x: () => tf.clone(dy), bias: () => biasGradient(dy) };
  },
});

tf.registerGradient({
  kernelName: GRADIENT_KERNEL,
  inputsToSave: ['dy'],
  gradFunc: (upstream, saved) => ({ dy: () => tf.broadcastTo(upstream as Tensor, saved[0]!.shape) }),
});

/**
 * x + bias along the last axis, one op forward and one (the sum over all other axes) backward.
 *
 * @param x float32 [..., channels], rank 2 or more
 * @param bias float32 [channels]
 * @returns float32, as x
 * @throws EquimodalError EQM_PLUGIN_FAULT when shapes or types do not fit.
 *
 * Source: on the native engine TensorFlow's BiasAdd and BiasAddGrad.
 */
export function addBias(x: Tensor, bias: Tensor): Tensor {
  if (x.rank < 2 || bias.rank !== 1 || bias.size !== x.shape.at(-1) || x.dtype !== 'float32' || bias.dtype !== 'float32') {
    throw new EquimodalError(
      'EQM_PLUGIN_FAULT',
      `addBias got x ${x.dtype} [${x.shape.join(', ')}] and bias ${bias.dtype} [${bias.shape.join(', ')}]`,
      { where: 'addBias', fix: 'bias must be float32 [channels], where channels is the last axis of x, and x float32 of rank 2 or more.' },
    );
  }
  return tf.engine().runKernel(KERNEL, { x, bias }) as unknown as Tensor;
}
