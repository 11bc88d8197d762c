import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** One op, or one way of using it, whose gradient is checked. */
export interface Coverage {
  readonly op: string;
  readonly fn: (...x: Tensor[]) => Tensor;
  /** The differentiated inputs: their shapes, and the open interval their numbers lie in, by default (-1, 1). */
  readonly inputs: readonly (readonly number[])[];
  readonly domain?: readonly [low: number, high: number];
  /** Engines that lack the op itself. */
  readonly not?: readonly ('native' | 'wasm' | 'cpu')[];
}

type Unary = (x: Tensor) => Tensor;
const unary = (op: string, fn: Unary, domain?: readonly [number, number]): Coverage => ({
  op,
  fn: (x) => fn(x!),
  inputs: [[3, 4]],
  ...(domain && { domain }),
});
const POSITIVE = [0.2, 2] as const;

export const ELEMENTWISE: readonly Coverage[] = [
  unary('exp', tf.exp),
  unary('expm1', tf.expm1),
  unary('log', tf.log, POSITIVE),
  unary('log1p', tf.log1p, [-0.7, 2]),
  unary('sqrt', tf.sqrt, POSITIVE),
  unary('rsqrt', tf.rsqrt, POSITIVE),
  unary('square', tf.square),
  unary('abs', tf.abs),
  unary('neg', tf.neg),
  unary('sign', (x) => tf.mul(x, tf.sign(x))),
  unary('reciprocal', tf.reciprocal, POSITIVE),
  unary('sigmoid', tf.sigmoid, [-3, 3]),
  unary('logSigmoid', tf.logSigmoid, [-3, 3]),
  unary('tanh', tf.tanh, [-2, 2]),
  unary('softplus', tf.softplus, [-3, 3]),
  unary('relu', tf.relu),
  unary('relu6', tf.relu6, [-2, 8]),
  unary('leakyRelu', (x) => tf.leakyRelu(x, 0.1)),
  unary('elu', tf.elu),
  unary('selu', tf.selu),
  unary('erf', tf.erf, [-2, 2]),
  unary('gelu as a composition', (x) => tf.mul(tf.mul(x, 0.5), tf.add(1, tf.erf(tf.div(x, Math.SQRT2)))), [-2, 2]),
  unary('swish as a composition', (x) => tf.mul(x, tf.sigmoid(x)), [-3, 3]),
  unary('clipByValue', (x) => tf.clipByValue(x, -0.52, 0.31)),
  unary('floor', (x) => tf.mul(x, tf.floor(x)), [-2, 3]),
  unary('ceil', (x) => tf.mul(x, tf.ceil(x)), [-2, 3]),
  unary('round', (x) => tf.mul(x, tf.round(x)), [-2.2, 2.9]),
  unary('step', (x) => tf.mul(x, tf.step(x))),
  unary('sin', tf.sin),
  unary('cos', tf.cos),
  unary('tan', tf.tan),
  unary('asin', tf.asin, [-0.8, 0.8]),
  unary('acos', tf.acos, [-0.8, 0.8]),
  unary('atan', tf.atan),
  unary('sinh', tf.sinh),
  unary('cosh', tf.cosh),
  unary('asinh', tf.asinh),
  unary('acosh', tf.acosh, [1.3, 3]),
  unary('atanh', tf.atanh, [-0.8, 0.8]),
  unary('cast to the same type', (x) => tf.cast(x, 'float32')),
  unary('clone', tf.clone),
];

type Binary = (a: Tensor, b: Tensor) => Tensor;
const binary = (op: string, fn: Binary, domain?: readonly [number, number]): Coverage[] =>
  (
    [
      ['equal shapes', [3, 4], [3, 4]],
      ['a row', [2, 3, 4], [4]],
      ['a column first', [3, 1], [2, 3, 4]],
      ['a scalar', [3, 4], []],
      ['both ways', [2, 1, 4], [3, 1]],
    ] as const
  ).map(([how, a, b]) => ({ op: `${op}, ${how}`, fn: (x, y) => fn(x!, y!), inputs: [a, b], ...(domain && { domain }) }));

export const BROADCAST: readonly Coverage[] = [
  ...binary('add', tf.add),
  ...binary('sub', tf.sub),
  ...binary('mul', tf.mul),
  ...binary('div', tf.div, POSITIVE),
  ...binary('divNoNan', tf.divNoNan, POSITIVE),
  ...binary('maximum', tf.maximum),
  ...binary('minimum', tf.minimum),
  ...binary('pow', tf.pow, POSITIVE),
  ...binary('squaredDifference', tf.squaredDifference),
  ...binary('atan2', tf.atan2, POSITIVE),
  ...binary('mod', (a, b) => tf.mod(tf.add(a, 5.1), tf.add(b, 2)), [0.2, 0.6]),
  ...binary('where', (a, b) => tf.where(tf.logicalAnd(tf.greater(a, -0.07), tf.less(b, 0.93)), tf.mul(a, 2), tf.square(b))),
  ...binary('logical mask', (a, b) => tf.mul(a, tf.cast(tf.logicalOr(tf.less(a, -0.07), tf.greaterEqual(b, 0.93)), 'float32'))),
  { op: 'pow, a whole exponent of negative numbers', fn: (x) => tf.pow(x!, 3), inputs: [[3, 4]] },
  { op: 'pow, squares', fn: (x) => tf.pow(x!, tf.scalar(2)), inputs: [[3, 4]] },
  { op: 'pow, of a constant', fn: (x) => tf.pow(2, x!), inputs: [[3, 4]] },
  { op: 'prelu', fn: (x, alpha) => tf.prelu(x!, alpha!), inputs: [[2, 3, 4], [4]] },
  {
    op: 'addN',
    fn: (a, b, c) => tf.addN([a!, b!, tf.mul(c!, 2)]),
    inputs: [
      [2, 3],
      [2, 3],
      [2, 3],
    ],
  },
];

const reduction = (
  op: string,
  fn: (x: Tensor, axis?: number | number[], keepDims?: boolean) => Tensor,
  domain?: readonly [number, number],
) =>
  (
    [
      ['all', undefined, false],
      ['the first axis', 0, false],
      ['the last axis, kept', -1, true],
      ['outer axes', [0, 2], false],
    ] as const
  ).map(([how, axis, keep]): Coverage => ({
    op: `${op}, ${how}`,
    fn: (x) => fn(x!, axis === undefined || typeof axis === 'number' ? axis : [...axis], keep),
    inputs: [[2, 3, 4]],
    ...(domain && { domain }),
  }));

export const REDUCTIONS: readonly Coverage[] = [
  ...reduction('sum', tf.sum),
  ...reduction('mean', tf.mean),
  ...reduction('max', tf.max),
  ...reduction('min', tf.min),
  ...reduction('prod', tf.prod, [0.5, 1.5]),
  ...reduction('logSumExp', tf.logSumExp),
  ...reduction('norm', (x, axis, keep) => tf.norm(x, 'euclidean', axis, keep)),
  ...reduction('norm of order 1', (x, axis, keep) =>
    Array.isArray(axis) ? tf.norm(x, 'euclidean', axis, keep) : tf.norm(x, 1, axis, keep),
  ),
  ...reduction('moments', (x, axis, keep) => {
    const { mean, variance } = tf.moments(x, axis, keep);
    return tf.add(mean, tf.sqrt(tf.add(variance, 0.1)));
  }),
  { op: 'mask by any and all', fn: (x) => tf.mul(x!, tf.cast(tf.any(tf.greater(x!, 0.8), 1, true), 'float32')), inputs: [[3, 4]] },
  { op: 'index by argMax', fn: (x) => tf.mul(x!, tf.oneHot(tf.argMax(x!, 1), 4, 1, 0, 'float32')), inputs: [[3, 4]] },
  { op: 'cumsum', fn: (x) => tf.cumsum(x!, 1), inputs: [[2, 4, 2]] },
  { op: 'cumsum, exclusive and reversed', fn: (x) => tf.cumsum(x!, 0, true, true), inputs: [[4, 3]] },
  { op: 'cumprod', fn: (x) => tf.cumprod(x!, 1), inputs: [[2, 4, 2]], domain: [0.5, 1.5] },
  { op: 'cumprod with zeros near', fn: (x) => tf.cumprod(x!, 0), inputs: [[4, 3]] },
  { op: 'cumprod, exclusive', fn: (x) => tf.cumprod(x!, 1, true), inputs: [[3, 4]] },
  { op: 'cumprod, reversed', fn: (x) => tf.cumprod(x!, 1, false, true), inputs: [[3, 4]] },
  { op: 'cumprod, exclusive and reversed', fn: (x) => tf.cumprod(x!, 0, true, true), inputs: [[4, 3]] },
  { op: 'softmax', fn: (x) => tf.softmax(x!), inputs: [[3, 5]], domain: [-2, 2] },
  { op: 'logSoftmax', fn: (x) => tf.logSoftmax(x!), inputs: [[3, 5]], domain: [-2, 2] },
  { op: 'topk', fn: (x) => tf.square(tf.topk(x!, 2).values), inputs: [[3, 5]] },
  {
    op: 'softmaxCrossEntropy',
    fn: (x) => tf.losses.softmaxCrossEntropy(tf.oneHot(tf.tensor1d([1, 0, 3], 'int32'), 4, 1, 0, 'float32'), x!),
    inputs: [[3, 4]],
  },
  { op: 'sigmoidCrossEntropy', fn: (x) => tf.losses.sigmoidCrossEntropy(tf.tensor2d([1, 0, 0, 1], [2, 2]), x!), inputs: [[2, 2]] },
  {
    op: 'meanSquaredError',
    fn: (x, y) => tf.losses.meanSquaredError(x!, y!),
    inputs: [
      [2, 3],
      [2, 3],
    ],
  },
  {
    op: 'huberLoss',
    fn: (x, y) => tf.losses.huberLoss(x!, y!, undefined, 0.6),
    inputs: [
      [2, 3],
      [2, 3],
    ],
  },
  {
    op: 'cosineDistance',
    fn: (x, y) => tf.losses.cosineDistance(x!, y!, 1),
    inputs: [
      [2, 3],
      [2, 3],
    ],
  },
];
