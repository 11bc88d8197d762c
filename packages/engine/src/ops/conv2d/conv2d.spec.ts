import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { checkGradients, expectClose, onEachEngine, tensorOf } from '../../test-engine/checks.fixture.js';
import { tensorCount } from '../tensor-count.js';
import { paddedConv2d, type ExplicitPadding } from './conv2d.js';

type Shape = readonly [number, number, number, number];

/** The definition, in double precision. */
function reference(x: tf.Tensor, filter: tf.Tensor, [sy, sx]: readonly [number, number], [[top, bottom], [left, right]]: ExplicitPadding) {
  const [batch, height, width, channels] = x.shape as unknown as Shape;
  const [fh, fw, , filters] = filter.shape as unknown as Shape;
  const [image, weights] = [x.dataSync(), filter.dataSync()];
  const shape = [batch, Math.floor((height + top + bottom - fh) / sy) + 1, Math.floor((width + left + right - fw) / sx) + 1, filters];
  const values: number[] = [];
  for (let b = 0; b < batch; b++)
    for (let row = 0; row < shape[1]!; row++)
      for (let column = 0; column < shape[2]!; column++)
        for (let f = 0; f < filters; f++) {
          let sum = 0;
          for (let i = 0; i < fh; i++)
            for (let j = 0; j < fw; j++) {
              const [y, z] = [row * sy + i - top, column * sx + j - left];
              if (y < 0 || y >= height || z < 0 || z >= width) continue;
              for (let c = 0; c < channels; c++)
                sum += image[((b * height + y) * width + z) * channels + c]! * weights[((i * fw + j) * channels + c) * filters + f]!;
            }
          values.push(sum);
        }
  return { shape, values };
}

onEachEngine(() => {
  const cases: [string, number[], number[], [number, number], ExplicitPadding][] = [
    [
      'a side each, stride 2',
      [2, 6, 6, 2],
      [3, 3, 2, 3],
      [2, 2],
      [
        [1, 0],
        [1, 0],
      ],
    ],
    [
      'all sides, stride 1',
      [1, 4, 5, 2],
      [3, 3, 2, 2],
      [1, 1],
      [
        [1, 1],
        [1, 1],
      ],
    ],
    [
      'uneven window, strides and sides',
      [2, 5, 7, 1],
      [2, 4, 1, 2],
      [1, 3],
      [
        [0, 1],
        [3, 1],
      ],
    ],
    [
      'rows that no window reaches',
      [1, 6, 6, 1],
      [3, 3, 1, 1],
      [2, 2],
      [
        [1, 1],
        [1, 1],
      ],
    ],
  ];
  it.each(cases)('is its definition, and its gradients too (%s)', (_name, xShape, filterShape, strides, padding) => {
    const before = tensorCount();
    tf.tidy(() => {
      const [x, filter] = [tensorOf(xShape, 2), tensorOf(filterShape, 3)];
      const y = paddedConv2d(x, filter, strides, padding);
      const expected = reference(x, filter, strides, padding);
      expect(y.shape).toEqual(expected.shape);
      expectClose(y.dataSync(), expected.values, 1e-5);
      // Where gradients will be taken the way is another.
      const { value } = tf.valueAndGrad((image) => tf.sum(tf.mul(paddedConv2d(image, filter, strides, padding), y)))(x);
      expectClose(value.dataSync(), [expected.values.reduce((sum, v) => sum + v * v, 0)], 1e-5);
    });
    checkGradients((x, filter) => paddedConv2d(x!, filter!, strides, padding), [{ shape: xShape }, { shape: filterShape }]);
    expect(tensorCount()).toBe(before);
  });

  it('leaves `same` and `valid` to TensorFlow', () => {
    tf.tidy(() => {
      const [x, filter] = [tensorOf([1, 4, 4, 1]), tensorOf([3, 3, 1, 2])];
      expect(paddedConv2d(x, filter, [2, 2], 'same').shape).toEqual([1, 2, 2, 2]);
      const valid = reference(
        x,
        filter,
        [1, 1],
        [
          [0, 0],
          [0, 0],
        ],
      );
      expectClose(paddedConv2d(x, filter, [1, 1], 'valid').dataSync(), valid.values, 1e-5);
    });
  });

  it('computes no gradient that is not asked for', () => {
    tf.tidy(() => {
      const [x, filter] = [tensorOf([2, 6, 6, 2]), tensorOf([3, 3, 2, 3])];
      const padding: ExplicitPadding = [
        [1, 0],
        [1, 0],
      ];
      const kernels = (run: () => void): string[] => {
        const seen: string[] = [];
        const engine = tf.engine();
        const original = engine.runKernel;
        engine.runKernel = function (name, ...rest) {
          seen.push(name);
          return original.call(this, name, ...rest) as never;
        };
        try {
          run();
        } finally {
          engine.runKernel = original;
        }
        return seen;
      };
      const first = kernels(() => void tf.grad((f) => tf.sum(paddedConv2d(x, f, [2, 2], padding)))(filter));
      expect(first).toContain(tf.Conv2DBackpropFilter);
      expect(first).not.toContain(tf.Conv2DBackpropInput);
      const last = kernels(() => void tf.grad((image) => tf.sum(paddedConv2d(image, filter, [2, 2], padding)))(x));
      expect(last).toContain(tf.Conv2DBackpropInput);
      expect(last).not.toContain(tf.Conv2DBackpropFilter);
    });
  });
});
