import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D, Tensor5D } from '@tensorflow/tfjs-core';
import type { Coverage } from './coverage.fixture.js';

/** Its kernels take the paddings 'same' and 'valid' only. */
const NATIVE = ['native'] as const;
type Pad = 'same' | 'valid' | number;
const conv2d = (stride: number, pad: Pad, dilation: number): Coverage => ({
  op: `conv2d, stride ${stride}, ${pad}, dilation ${dilation}`,
  fn: (x, w) => tf.conv2d(x as Tensor4D, w as Tensor4D, stride, pad, 'NHWC', dilation, typeof pad === 'number' ? 'floor' : undefined),
  inputs: [
    [2, 6, 5, 2],
    [3, 2, 2, 3],
  ],
  ...(typeof pad === 'number' && { not: NATIVE }),
});
const depthwise = (stride: number, pad: Pad, dilation: number): Coverage => ({
  op: `depthwiseConv2d, stride ${stride}, ${pad}, dilation ${dilation}`,
  fn: (x, w) =>
    tf.depthwiseConv2d(x as Tensor4D, w as Tensor4D, stride, pad, 'NHWC', dilation, typeof pad === 'number' ? 'floor' : undefined),
  inputs: [
    [1, 6, 5, 2],
    [3, 2, 2, 2],
  ],
});
const pool2d = (kind: 'maxPool' | 'avgPool', size: number, stride: number, pad: Pad): Coverage => ({
  op: `${kind} ${size}, stride ${stride}, ${pad}`,
  fn: (x) => tf[kind](x as Tensor4D, size, stride, pad, typeof pad === 'number' ? 'floor' : undefined),
  inputs: [[1, 5, 6, 2]],
  ...(typeof pad === 'number' && { not: NATIVE }),
});

export const CONVOLUTIONS: readonly Coverage[] = [
  ...[1, 2].flatMap((stride) => (['same', 'valid', 1] as const).map((pad) => conv2d(stride, pad, 1))),
  conv2d(1, 'same', 2),
  conv2d(1, 'valid', 2),
  {
    op: 'conv2d after a padding',
    fn: (x, w) => tf.conv2d(tf.pad(x!, [[0, 0], [1, 0], [0, 1], [0, 0]]) as Tensor4D, w as Tensor4D, 2, 'valid'), // prettier-ignore
    inputs: [
      [1, 5, 5, 2],
      [3, 3, 2, 2],
    ],
  },
  {
    op: 'conv2d 1x1',
    fn: (x, w) => tf.conv2d(x as Tensor4D, w as Tensor4D, 1, 'same'),
    inputs: [
      [2, 3, 3, 3],
      [1, 1, 3, 4],
    ],
  },
  {
    op: 'conv1d',
    fn: (x, w) => tf.conv1d(x as Tensor3D, w as Tensor3D, 1, 'same'),
    inputs: [
      [2, 6, 2],
      [3, 2, 3],
    ],
  },
  {
    op: 'conv1d, stride 2',
    fn: (x, w) => tf.conv1d(x as Tensor3D, w as Tensor3D, 2, 'valid'),
    inputs: [
      [2, 7, 2],
      [3, 2, 2],
    ],
  },
  {
    op: 'conv1d, dilation 2',
    fn: (x, w) => tf.conv1d(x as Tensor3D, w as Tensor3D, 1, 'same', 'NWC', 2),
    inputs: [
      [2, 7, 2],
      [3, 2, 2],
    ],
  },
  ...[1, 2].flatMap((stride) => (['same', 'valid'] as const).map((pad) => depthwise(stride, pad, 1))),
  depthwise(1, 'same', 2),
  {
    op: 'separableConv2d',
    fn: (x, w, p) => tf.separableConv2d(x as Tensor4D, w as Tensor4D, p as Tensor4D, 1, 'same'),
    inputs: [
      [1, 4, 4, 2],
      [3, 3, 2, 2],
      [1, 1, 4, 3],
    ],
  },
  {
    op: 'fused.conv2d',
    fn: (x, w, bias) =>
      tf.fused.conv2d({ x: x as Tensor4D, filter: w as Tensor4D, strides: 2, pad: 'same', bias: bias!, activation: 'relu' }),
    inputs: [[1, 5, 5, 2], [3, 3, 2, 3], [3]],
  },
  {
    op: 'conv2dTranspose',
    fn: (x, w) => tf.conv2dTranspose(x as Tensor4D, w as Tensor4D, [1, 6, 6, 2], 2, 'same'),
    inputs: [
      [1, 3, 3, 2],
      [3, 3, 2, 2],
    ],
  },
  {
    op: 'conv2dTranspose, stride 1, valid',
    fn: (x, w) => tf.conv2dTranspose(x as Tensor4D, w as Tensor4D, [1, 5, 5, 2], 1, 'valid'),
    inputs: [
      [1, 3, 3, 2],
      [3, 3, 2, 2],
    ],
  },
  {
    op: 'conv3d',
    fn: (x, w) => tf.conv3d(x as Tensor5D, w as Tensor5D, 1, 'same'),
    inputs: [
      [1, 3, 3, 3, 1],
      [2, 2, 2, 1, 2],
    ],
  },
  {
    op: 'conv3d, stride 2',
    fn: (x, w) => tf.conv3d(x as Tensor5D, w as Tensor5D, 2, 'valid'),
    inputs: [
      [1, 4, 4, 3, 1],
      [2, 2, 2, 1, 2],
    ],
  },
  {
    op: 'conv3dTranspose',
    fn: (x, w) => tf.conv3dTranspose(x as Tensor5D, w as Tensor5D, [1, 4, 4, 4, 1], 2, 'same'),
    inputs: [
      [1, 2, 2, 2, 2],
      [2, 2, 2, 1, 2],
    ],
  },
  pool2d('maxPool', 2, 2, 'valid'),
  pool2d('maxPool', 3, 2, 'same'),
  pool2d('maxPool', 3, 1, 1),
  pool2d('avgPool', 2, 2, 'valid'),
  pool2d('avgPool', 3, 2, 'same'),
  pool2d('avgPool', 3, 1, 1),
  { op: 'maxPool3d', fn: (x) => tf.maxPool3d(x as Tensor5D, 2, 1, 'same'), inputs: [[1, 3, 3, 2, 2]] },
  { op: 'avgPool3d', fn: (x) => tf.avgPool3d(x as Tensor5D, 2, 2, 'valid'), inputs: [[1, 4, 4, 2, 1]] },
  { op: 'avgPool3d at a padded border', fn: (x) => tf.avgPool3d(x as Tensor5D, 2, 1, 'same'), inputs: [[1, 3, 3, 2, 1]] },
  { op: 'pool with a dilation', fn: (x) => tf.pool(x as Tensor4D, 2, 'max', 'valid', 2, 1), inputs: [[1, 5, 5, 1]] },
  { op: 'resizeBilinear', fn: (x) => tf.image.resizeBilinear(x as Tensor4D, [7, 3]), inputs: [[1, 4, 5, 2]] },
  { op: 'resizeBilinear, corners aligned', fn: (x) => tf.image.resizeBilinear(x as Tensor4D, [3, 9], true), inputs: [[1, 4, 5, 2]] },
  { op: 'resizeNearestNeighbor', fn: (x) => tf.image.resizeNearestNeighbor(x as Tensor4D, [7, 3]), inputs: [[1, 4, 5, 2]] },
];

export const NORMS: readonly Coverage[] = [
  {
    op: 'batchNorm, inference',
    fn: (x, mean, variance, offset, scale) =>
      tf.batchNorm(x!, mean as Tensor1D, tf.square(variance!) as Tensor1D, offset as Tensor1D, scale as Tensor1D, 0.1),
    inputs: [[2, 2, 2, 3], [3], [3], [3], [3]],
  },
  {
    op: 'layer norm as a composition',
    fn: (x, scale) => {
      const { mean, variance } = tf.moments(x!, -1, true);
      return tf.mul(tf.mul(tf.sub(x!, mean), tf.rsqrt(tf.add(variance, 1e-2))), scale!);
    },
    inputs: [[3, 5], [5]],
  },
  { op: 'localResponseNormalization', fn: (x) => tf.localResponseNormalization(x as Tensor4D, 1, 1, 0.7, 0.6), inputs: [[1, 2, 2, 5]] },
  {
    op: 'basicLSTMCell',
    fn: (x, kernel, bias, c, h) => {
      const [newC, newH] = tf.basicLSTMCell(
        tf.scalar(1),
        kernel as Tensor2D,
        bias as Tensor1D,
        x as Tensor2D,
        c as Tensor2D,
        h as Tensor2D,
      );
      return tf.add(newC as Tensor, tf.square(newH as Tensor));
    },
    inputs: [[2, 3], [5, 8], [8], [2, 2], [2, 2]],
  },
  {
    op: 'attention',
    fn: (q, k, v) => tf.matMul(tf.softmax(tf.mul(tf.matMul(q!, k!, false, true), 0.5)), v!),
    inputs: [
      [1, 2, 3, 4],
      [1, 2, 5, 4],
      [1, 2, 5, 3],
    ],
  },
  {
    op: 'cosine similarities with a temperature',
    fn: (a, b) => {
      const unit = (x: Tensor): Tensor => tf.div(x, tf.add(tf.norm(x, 'euclidean', 1, true), 1e-6));
      return tf.logSoftmax(tf.div(tf.matMul(unit(a!), unit(b!), false, true), 0.5));
    },
    inputs: [
      [3, 4],
      [3, 4],
    ],
  },
];

/** What has no gradient: the words of the error that says so. */
export const REFUSED: readonly {
  readonly op: string;
  readonly fn: (x: Tensor) => Tensor;
  readonly shape: readonly number[];
  readonly says: RegExp;
}[] = [
  {
    op: 'cropAndResize',
    fn: (x) => tf.image.cropAndResize(x as Tensor4D, tf.tensor2d([[0.1, 0.2, 0.9, 0.8]]), tf.tensor1d([0], 'int32'), [3, 3]),
    shape: [1, 4, 5, 2],
    says: /CropAndResize/,
  },
  { op: 'einsum with a label twice in one operand', fn: (x) => tf.einsum('ii->i', x), shape: [2, 2], says: /einsum|Einsum/ },
  {
    op: 'batchNorm without a scale',
    fn: (x) => tf.batchNorm2d(x as Tensor2D, tf.tensor1d([0, 0, 0]), tf.tensor1d([1, 1, 1])),
    shape: [2, 3],
    says: /undefined/,
  },
];
