import * as tf from '@tensorflow/tfjs-core';
import type { NamedAttrMap, Tensor } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import '../index.js';
import { startTestEngine } from '../test-engine/test-engine.js';
import { expectClose, numbers } from '../test-engine/checks.fixture.js';

type Make = (shape: readonly number[], seed?: number) => Tensor;

/** Runs on wasm and on the plain JavaScript backend and compares shape, type and values. */
async function expectParity(fn: (make: Make) => Tensor, tolerance = 1e-4): Promise<void> {
  const results: { shape: number[]; dtype: string; values: ArrayLike<number> }[] = [];
  for (const id of ['wasm', 'cpu']) {
    await startTestEngine(id);
    const before = tf.memory().numTensors;
    const data = tf.backend().numDataIds();
    const result = tf.tidy(() => {
      const output = fn((shape, seed = 1) =>
        tf.tensor(
          numbers(
            shape.reduce((a, b) => a * b, 1),
            seed,
          ),
          [...shape],
        ),
      );
      return { shape: output.shape, dtype: output.dtype, values: output.dataSync().slice() };
    });
    expect(tf.memory().numTensors).toBe(before);
    expect(tf.backend().numDataIds()).toBe(data);
    results.push(result);
  }
  const [wasm, cpu] = results;
  expect(wasm!.shape).toEqual(cpu!.shape);
  expect(wasm!.dtype).toBe(cpu!.dtype);
  expectClose(wasm!.values, cpu!.values, tolerance);
}

const run = (name: string, inputs: Record<string, Tensor>, attrs: object): Tensor =>
  tf.engine().runKernel(name, inputs, attrs as NamedAttrMap) as unknown as Tensor;

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

it.each(convolutions)('gradients of a convolution agree with cpu: %s', async (_name, xShape, filterShape, strides, pad) => {
  const info = tf.backend_util.computeConv2DInfo(
    xShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    strides,
    1,
    pad,
    'floor',
  );
  const attrs = { strides, pad, dataFormat: 'NHWC', dimRoundingMode: 'floor' };
  await expectParity((make) => run(tf.Conv2DBackpropFilter, { x: make(xShape), dy: make(info.outShape, 2) }, { ...attrs, filterShape }));
  await expectParity((make) =>
    run(tf.Conv2DBackpropInput, { dy: make(info.outShape, 2), filter: make(filterShape, 3) }, { ...attrs, inputShape: xShape }),
  );
});

it('sums the filter gradient over chunks of a large batch', async () => {
  // 9 * 64 * 24 * 24 numbers per image are unfolded: a dozen images a chunk.
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

it.each([
  ['one filter a channel', [2, 5, 6, 3], [3, 3, 3, 1], [1, 1], [1, 1], 'same'],
  ['two filters a channel, stride 2', [2, 7, 6, 2], [3, 3, 2, 2], [2, 2], [1, 1], 'valid'],
  ['3x2, stride 1, valid', [1, 7, 7, 2], [3, 2, 2, 3], [1, 1], [1, 1], 'valid'],
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

const ids = (values: number[]): Tensor => tf.tensor1d(values, 'int32');
const forward: [string, (make: Make) => Tensor][] = [
  ['matMul', (make) => tf.matMul(make([5, 7]), make([7, 3], 2))],
  ['matMul, first transposed', (make) => tf.matMul(make([70, 50]), make([70, 30], 2), true, false)],
  ['matMul, second transposed', (make) => tf.matMul(make([50, 70]), make([30, 70], 2), false, true)],
  ['matMul, both transposed', (make) => tf.matMul(make([7, 5]), make([3, 7], 2), true, true)],
  ['matMul in batches', (make) => tf.matMul(make([3, 5, 7]), make([3, 7, 6], 2))],
  ['matMul in batches, both transposed', (make) => tf.matMul(make([3, 7, 5]), make([3, 9, 7], 2), true, true)],
  ['matMul, a batch and a matrix', (make) => tf.matMul(make([3, 5, 7]), make([7, 6], 2))],
  ['matMul, a matrix and a batch', (make) => tf.matMul(make([5, 7]), make([3, 7, 6], 2))],
  ['matMul, batches that broadcast', (make) => tf.matMul(make([2, 1, 5, 7]), make([2, 3, 7, 6], 2))],
  ['transpose 2', (make) => tf.transpose(make([37, 21]))],
  ['transpose heads', (make) => tf.transpose(make([2, 5, 3, 4]), [0, 2, 1, 3])],
  ['transpose channels first', (make) => tf.transpose(make([2, 5, 3, 4]), [0, 3, 1, 2])],
  ['transpose channels last', (make) => tf.transpose(make([2, 5, 3, 4]), [0, 2, 3, 1])],
  ['transpose reversed', (make) => tf.transpose(make([2, 5, 3, 4]))],
  ['transpose with axes of one', (make) => tf.transpose(make([2, 1, 3, 1, 4]), [3, 4, 1, 0, 2])],
  ['transpose of integers', () => tf.transpose(tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3], 'int32'))],
  ['sum of all', (make) => tf.sum(make([3, 4, 5]))],
  ['sum of the first axes', (make) => tf.sum(make([3, 4, 5]), [0, 1])],
  ['sum of the last axes, kept', (make) => tf.sum(make([3, 4, 5]), [1, 2], true)],
  ['sum of axes apart', (make) => tf.sum(make([3, 4, 5]), [0, 2])],
  ['sum over an axis of one', (make) => tf.sum(make([3, 1, 5]), 1)],
  ['sum of integers', () => tf.sum(tf.tensor2d([1, 2, 3, 4], [2, 2], 'int32'), 0)],
  ['mean of the middle', (make) => tf.mean(make([3, 4, 5, 2]), [1, 2])],
  ['mean of all', (make) => tf.mean(make([3, 4]))],
  ['tile', (make) => tf.tile(make([2, 3, 1]), [2, 1, 4])],
  ['tile every axis', (make) => tf.tile(make([2, 3]), [3, 2])],
  ['broadcastTo', (make) => tf.broadcastTo(make([3, 1, 2]), [2, 3, 4, 2])],
  ['broadcastTo from a scalar', (make) => tf.broadcastTo(make([]), [3, 2])],
  ['add a bias', (make) => tf.add(make([2, 3, 4]), make([4], 2))],
  ['subtract from a row', (make) => tf.sub(make([4]), make([2, 3, 4], 2))],
  ['multiply rows', (make) => tf.mul(make([3, 1]), make([3, 4], 2))],
  ['divide by a scalar', (make) => tf.div(make([3, 4]), make([], 2))],
  ['divide a scalar', (make) => tf.div(make([]), make([3, 4], 2))],
  ['multiply the middle', (make) => tf.mul(make([2, 1, 3]), make([2, 5, 3], 2))],
  ['add both ways', (make) => tf.add(make([2, 1]), make([1, 3], 2))],
  ['add outer axes', (make) => tf.add(make([1, 3, 1]), make([2, 3, 4], 2))],
  ['subtract integers', () => tf.sub(tf.tensor1d([5, 6], 'int32'), tf.scalar(2, 'int32'))],
  ['slice of rows', (make) => tf.slice(make([6, 5]), [2, 0], [3, 5])],
  ['slice of columns', (make) => tf.slice(make([6, 50]), [1, 3], [4, 40])],
  ['slice of a box', (make) => tf.slice(make([3, 4, 5, 6]), [1, 0, 2, 1], [2, 4, 2, 5])],
  ['slice to the end', (make) => tf.slice(make([7]), [3])],
  ['slice of nothing', (make) => tf.slice(make([4, 3]), [1, 0], [0, 3])],
  ['one-hot as float32', () => tf.oneHot(ids([1, 3, 0, 9]), 4, 1, 0, 'float32')],
  ['one-hot, smoothed', () => tf.oneHot(ids([1, 0]), 3, 0.9, 0.05, 'float32')],
  ['one-hot as int32', () => tf.oneHot(ids([1, 3, 0]), 4)],
  ['segment sum', (make) => tf.unsortedSegmentSum(make([5, 3]), ids([2, 0, 2, 1, 0]) as tf.Tensor1D, 4)],
  ['max pooling', (make) => tf.maxPool(make([2, 6, 7, 3]) as tf.Tensor4D, 3, 2, 'same')],
  ['average pooling', (make) => tf.avgPool(make([2, 6, 7, 3]) as tf.Tensor4D, 3, 2, 'same')],
  ['gradient of max pooling', (make) => tf.grad((x) => tf.square(tf.maxPool(x as tf.Tensor4D, 3, 2, 'same')))(make([2, 6, 7, 3]))],
  ['convolution', (make) => tf.conv2d(make([2, 6, 7, 3]) as tf.Tensor4D, make([3, 3, 3, 4]) as tf.Tensor4D, 2, 'same')],
  [
    'pad',
    (make) =>
      tf.pad(make([2, 3]), [
        [1, 2],
        [0, 1],
      ]),
  ],
  ['concat', (make) => tf.concat([make([2, 3]), make([2, 2], 2)], 1)],
  ['gather', (make) => tf.gather(make([5, 3]), ids([4, 0, 4]))],
  ['softmax', (make) => tf.softmax(make([4, 7]))],
  ['logSoftmax', (make) => tf.logSoftmax(make([4, 7]))],
  ['logSumExp', (make) => tf.logSumExp(make([4, 7]), 1)],
  ['max', (make) => tf.max(make([4, 7, 2]), 1)],
  ['cumsum', (make) => tf.cumsum(make([4, 7]), 1)],
  ['where', (make) => tf.where(tf.greater(make([4, 7]), 0), make([4, 7], 2), make([4, 7], 3))],
  ['erf', (make) => tf.erf(make([4, 7]))],
  ['tanh', (make) => tf.tanh(make([4, 7]))],
  ['rsqrt', (make) => tf.rsqrt(tf.square(make([4, 7])))],
  ['softplus', (make) => tf.softplus(make([4, 7]))],
  ['leakyRelu', (make) => tf.leakyRelu(make([4, 7]))],
  ['elu', (make) => tf.elu(make([4, 7]))],
  ['clip', (make) => tf.clipByValue(make([4, 7]), -0.5, 0.25)],
  ['maximum', (make) => tf.maximum(make([4, 7]), make([7], 2))],
  ['stack and unstack', (make) => tf.stack(tf.unstack(make([4, 7]), 1).reverse())],
  ['split', (make) => tf.add(...(tf.split(make([4, 8]), 2, 1) as [Tensor, Tensor]))],
  ['resizeBilinear', (make) => tf.image.resizeBilinear(make([1, 4, 5, 2]) as tf.Tensor4D, [7, 3])],
];
it.each(forward)('%s agrees with cpu', async (_name, fn) => {
  await expectParity(fn);
});

it('has every kernel that the gradients of cnn, lstm, mlp and attention layers call', async () => {
  await startTestEngine('wasm');
  const needed = [
    tf.Conv2DBackpropFilter,
    tf.Conv2DBackpropInput,
    tf.DepthwiseConv2dNativeBackpropFilter,
    tf.DepthwiseConv2dNativeBackpropInput,
    tf.UnsortedSegmentSum,
    tf.MaxPoolGrad,
    tf.AvgPoolGrad,
    tf.BatchMatMul,
    tf.EluGrad,
    tf.Step,
    tf.Select,
    tf.Concat,
    tf.Slice,
    tf.PadV2,
    tf.Tile,
    tf.Reverse,
    tf.ScatterNd,
    tf.ResizeBilinearGrad,
    'BatchNormTraining',
    'BatchNormTrainingGrad',
    'StatelessRandomUniform',
    'ReluGrad',
  ];
  for (const name of needed) expect(tf.getKernel(name, 'wasm'), name).toBeDefined();
});
