import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { checkGradients, expectClose, onEachEngine, tensorOf } from '../../test-engine/checks.fixture.js';
import { startTestEngine } from '../../test-engine/test-engine.js';
import { tensorCount } from '../tensor-count.js';
import { paddedConv3d, type ExplicitPadding3d } from './conv3d.js';

type Triple = readonly [number, number, number];

/** The definition, in double precision. */
function reference(x: tf.Tensor, filter: tf.Tensor, strides: Triple, sides: ExplicitPadding3d) {
  const [batch, time, height, width, channels] = x.shape as [number, number, number, number, number];
  const [ft, fh, fw, , filters] = filter.shape as [number, number, number, number, number];
  const [video, weights] = [x.dataSync(), filter.dataSync()];
  const sizes = [time, height, width].map(
    (size, axis) => Math.floor((size + sides[axis]![0] + sides[axis]![1] - filter.shape[axis]!) / strides[axis]!) + 1,
  ) as [number, number, number];
  const shape = [batch, ...sizes, filters];
  const values = Array.from({ length: shape.reduce((a, b) => a * b) }, (_, at) => {
    const place = shape.map((size, axis) => Math.floor(at / shape.slice(axis + 1).reduce((a, b) => a * b, 1)) % size);
    const [b, t, row, column, f] = place as [number, number, number, number, number];
    let sum = 0;
    for (let k = 0; k < ft; k++)
      for (let i = 0; i < fh; i++)
        for (let j = 0; j < fw; j++) {
          const [z, y, u] = [t * strides[0] + k - sides[0][0], row * strides[1] + i - sides[1][0], column * strides[2] + j - sides[2][0]];
          if (z < 0 || z >= time || y < 0 || y >= height || u < 0 || u >= width) continue;
          for (let c = 0; c < channels; c++)
            sum +=
              video[(((b * time + z) * height + y) * width + u) * channels + c]! *
              weights[(((k * fh + i) * fw + j) * channels + c) * filters + f]!;
        }
    return sum;
  });
  return { shape, values };
}

const NONE: ExplicitPadding3d = [
  [0, 0],
  [0, 0],
  [0, 0],
];
const cases: [string, number[], number[], Triple, 'same' | 'valid' | ExplicitPadding3d, ExplicitPadding3d][] = [
  ['valid', [2, 3, 3, 4, 2], [2, 2, 3, 2, 2], [1, 1, 1], 'valid', NONE],
  ['valid, strides', [1, 5, 4, 4, 1], [2, 1, 2, 1, 2], [2, 1, 2], 'valid', NONE],
  ['same', [1, 3, 4, 3, 2], [3, 3, 3, 2, 2], [1, 1, 1], 'same', [[1, 1], [1, 1], [1, 1]]], // prettier-ignore
  ['same, strides, an odd row at the end', [1, 4, 4, 5, 1], [3, 3, 2, 1, 2], [2, 2, 1], 'same', [[0, 1], [0, 1], [0, 1]]], // prettier-ignore
  ['same, a window that leaves gaps', [2, 4, 4, 3, 2], [1, 1, 1, 2, 2], [2, 2, 2], 'same', NONE],
  ['a window of one frame', [2, 2, 3, 3, 2], [1, 3, 3, 2, 2], [1, 1, 1], [[0, 0], [1, 1], [1, 0]], [[0, 0], [1, 1], [1, 0]]], // prettier-ignore
  ['sides of its own', [1, 3, 3, 4, 1], [2, 3, 2, 1, 2], [1, 2, 2], [[1, 0], [1, 1], [0, 2]], [[1, 0], [1, 1], [0, 2]]], // prettier-ignore
];

onEachEngine((id) => {
  it.each(cases)('is its definition, and its gradients too (%s)', (_name, xShape, filterShape, strides, padding, sides) => {
    const before = tensorCount();
    tf.tidy(() => {
      const [x, filter] = [tensorOf(xShape, 2), tensorOf(filterShape, 3)];
      const y = paddedConv3d(x, filter, strides, padding);
      const expected = reference(x, filter, strides, sides);
      expect(y.shape).toEqual(expected.shape);
      expectClose(y.dataSync(), expected.values, 1e-5);
    });
    checkGradients((x, filter) => paddedConv3d(x!, filter!, strides, padding), [{ shape: xShape }, { shape: filterShape }]);
    expect(tensorCount()).toBe(before);
  });

  it('gives the same in a captured program', async () => {
    const engine = await startTestEngine(id);
    const warnings: string[] = [];
    const run = ({ x, w }: Readonly<Record<string, tf.Tensor>>) => {
      const { value, grads } = tf.valueAndGrads((a: tf.Tensor, b: tf.Tensor) => tf.sum(tf.square(paddedConv3d(a, b, [2, 1, 1], 'same'))))([
        x!,
        w!,
      ]);
      return { value, x: grads[0]!, w: grads[1]! };
    };
    const step = engine.compile(
      { name: 'conv3d', run: ({ inputs }) => ({ results: run(inputs!) }) },
      { onWarning: (message) => warnings.push(message) },
    );
    const inputs = { x: tensorOf([2, 4, 5, 4, 2], 5), w: tensorOf([3, 3, 3, 2, 3], 6) };
    const eager = tf.tidy(() => Object.fromEntries(Object.entries(run(inputs)).map(([name, leaf]) => [name, leaf.dataSync()])));
    for (let call = 0; call < 3; call++) {
      const { results } = step({ inputs });
      for (const [name, leaf] of Object.entries(results!)) expectClose(leaf.dataSync(), eager[name]!, 1e-5);
      tf.dispose({ ...results });
    }
    expect(warnings).toEqual([]);
    step.dispose();
    tf.dispose(inputs);
  });
});
