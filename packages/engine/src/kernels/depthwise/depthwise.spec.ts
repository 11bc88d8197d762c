import * as tf from '@tensorflow/tfjs-core';
import { it } from 'vitest';
import { expectParity, run } from '../parity.fixture.js';

it.each([
  ['one filter a channel', [2, 5, 6, 3], [3, 3, 3, 1], [1, 1], [1, 1], 'same'],
  ['two filters a channel, stride 2', [2, 7, 6, 2], [3, 3, 2, 2], [2, 2], [1, 1], 'valid'],
  ['3x2, stride 1, valid', [1, 7, 7, 2], [3, 2, 2, 3], [1, 1], [1, 1], 'valid'],
  ['vectors, same', [2, 5, 6, 8], [3, 3, 8, 1], [1, 1], [1, 1], 'same'],
  ['vectors, stride 2', [2, 7, 6, 4], [3, 2, 4, 1], [2, 2], [1, 1], 'same'],
  ['vectors, a filter larger than the image', [1, 2, 3, 4], [5, 5, 4, 1], [1, 1], [1, 1], 'same'],
] as const)('gradients of a depthwise convolution agree with cpu: %s', async (_name, xShape, filterShape, strides, dilations, pad) => {
  const shapes = [[...xShape], [...filterShape]] as [[number, number, number, number], [number, number, number, number]];
  const info = tf.backend_util.computeConv2DInfo(...shapes, [...strides], [...dilations], pad, 'floor', true);
  const attrs = { strides, dilations, pad, dimRoundingMode: 'floor' };
  await expectParity((make) =>
    run(tf.DepthwiseConv2dNativeBackpropFilter, { x: make(xShape), dy: make(info.outShape, 2) }, { ...attrs, filterShape }),
  );
  await expectParity((make) =>
    run(tf.DepthwiseConv2dNativeBackpropInput, { dy: make(info.outShape, 2), filter: make(filterShape) }, { ...attrs, inputShape: xShape }),
  );
});
