import * as tf from '@tensorflow/tfjs-core';
import { EquimodalError } from '@equimodal/core';
import { expect, it } from 'vitest';
import { startTestEngine } from '../../test-engine/test-engine.js';
import { expectParity, run } from '../parity.fixture.js';

const convolutions: [string, number[], number[], [number, number], 'same' | 'valid' | number][] = [
  ['3x3, same', [2, 5, 6, 3], [3, 3, 3, 4], [1, 1], 'same'],
  ['3x3, valid', [2, 5, 6, 3], [3, 3, 3, 4], [1, 1], 'valid'],
  ['3x3, stride 2, same', [3, 8, 7, 2], [3, 3, 2, 5], [2, 2], 'same'],
  ['3x3, stride 2, valid', [3, 8, 7, 2], [3, 3, 2, 5], [2, 2], 'valid'],
  ['7x7, stride 2, same', [1, 9, 11, 3], [7, 7, 3, 2], [2, 2], 'same'],
  ['1x1', [2, 4, 3, 5], [1, 1, 5, 2], [1, 1], 'same'],
  ['1x1, stride 2', [2, 5, 4, 3], [1, 1, 3, 2], [2, 2], 'same'],
  ['2x5, stride 1 by 3', [2, 6, 9, 2], [2, 5, 2, 3], [1, 3], 'same'],
  ['3x3, padding 1', [2, 5, 5, 2], [3, 3, 2, 2], [1, 1], 1],
  ['1x1, padding 1', [1, 4, 4, 2], [1, 1, 2, 2], [1, 1], 1],
  ['3x3, stride 2, padding 1', [2, 7, 7, 2], [3, 3, 2, 2], [2, 2], 1],
  ['filter as large as the image', [2, 3, 3, 2], [3, 3, 2, 3], [1, 1], 'valid'],
];

it.each(convolutions)('a convolution and its gradients agree with cpu: %s', async (_name, xShape, filterShape, strides, pad) => {
  const info = tf.backend_util.computeConv2DInfo(
    xShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    strides,
    1,
    pad,
    'floor',
  );
  const attrs = { strides, pad, dataFormat: 'NHWC', dimRoundingMode: 'floor' };
  await expectParity((make) => run(tf.Conv2D, { x: make(xShape), filter: make(filterShape, 3) }, { ...attrs, dilations: 1 }));
  await expectParity((make) => run(tf.Conv2DBackpropFilter, { x: make(xShape), dy: make(info.outShape, 2) }, { ...attrs, filterShape }));
  await expectParity((make) =>
    run(tf.Conv2DBackpropInput, { dy: make(info.outShape, 2), filter: make(filterShape, 3) }, { ...attrs, inputShape: xShape }),
  );
});

it.each([
  ['same', [2, 2], [1, 1]],
  ['same', [1, 1], [2, 3]],
  ['valid', [1, 1], [3, 1]],
  ['valid', [1, 1], [1, 2]],
] as const)('a convolution agrees with cpu: %s, strides %s, dilations %s', async (pad, strides, dilations) => {
  const attrs = { strides, dilations, pad, dataFormat: 'NHWC', dimRoundingMode: 'floor' };
  await expectParity((make) => run(tf.Conv2D, { x: make([2, 8, 7, 3]), filter: make([3, 2, 3, 5], 3) }, attrs));
});

it.each([
  ['same', [1, 1, 1]],
  ['same', [2, 1, 2]],
  ['valid', [1, 2, 1]],
] as const)('a 3-D convolution and its gradients agree with cpu: %s, strides %s', async (pad, strides) => {
  const [xShape, filterShape] = [
    [2, 4, 5, 6, 2],
    [2, 3, 3, 2, 5],
  ] as [[number, number, number, number, number], [number, number, number, number, number]];
  const { outShape } = tf.backend_util.computeConv3DInfo(xShape, filterShape, [...strides], 1, pad);
  const attrs = { strides, pad, dataFormat: 'NDHWC', dilations: [1, 1, 1] };
  await expectParity((make) => run(tf.Conv3D, { x: make(xShape), filter: make(filterShape, 3) }, attrs));
  await expectParity((make) => run(tf.Conv3DBackpropFilterV2, { x: make(xShape), dy: make(outShape, 2) }, { ...attrs, filterShape }));
  await expectParity((make) =>
    run(tf.Conv3DBackpropInputV2, { dy: make(outShape, 2), filter: make(filterShape, 3) }, { ...attrs, inputShape: xShape }),
  );
});

it('refuses channels first', async () => {
  await startTestEngine('wasm');
  const attrs = { strides: [1, 1], pad: 'same', dataFormat: 'NCHW', dilations: [1, 1], dimRoundingMode: 'floor' };
  tf.tidy(() => {
    expect(() => run(tf.Conv2D, { x: tf.ones([1, 2, 4, 4]), filter: tf.ones([3, 3, 2, 2]) }, attrs)).toThrow(EquimodalError);
  });
});

it('sums the filter gradient over chunks of a large batch', async () => {
  // An image with its border is 173 kB, a chunk of positions some 131 kB.
  const attrs = { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', filterShape: [3, 3, 64, 2] };
  await startTestEngine('wasm');
  tf.tidy(() => {
    const [x, dy] = [tf.ones([29, 24, 24, 64]), tf.ones([29, 24, 24, 2])];
    const gradient = run(tf.Conv2DBackpropFilter, { x, dy }, attrs).dataSync();
    // The centre tap meets every position, a corner tap 23 x 23 of them.
    expect(gradient[(1 * 3 + 1) * 128]).toBe(29 * 576);
    expect(gradient[0]).toBe(29 * 529);
    const back = run(
      tf.Conv2DBackpropInput,
      { dy: tf.ones([29, 12, 12, 2]), filter: tf.ones([3, 3, 64, 2]) },
      {
        ...attrs,
        strides: [2, 2],
        inputShape: [29, 24, 24, 64],
      },
    ).dataSync();
    // Stride 2 pads at the end only: even rows and columns are met by two taps, odd ones by one; the last once more.
    expect(back[0]).toBe(2);
    expect(back.at(-1)).toBe(2);
  });
});
