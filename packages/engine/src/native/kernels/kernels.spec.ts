import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { NATIVE_BACKEND, type NativeBackend } from '../../backend/native.js';
import { tensorCount } from '../../ops/tensor-count.js';
import { expectClose, onEachEngine, tensorOf } from '../../test-engine/checks.fixture.js';

/** Names of the TensorFlow ops that run. */
function opsOf(run: () => void): string[] {
  const backend = tf.backend() as unknown as NativeBackend;
  const names: string[] = [];
  const original = backend.executeSingleOutput.bind(backend);
  backend.executeSingleOutput = (name, ...rest) => {
    names.push(name);
    return original(name, ...rest);
  };
  try {
    run();
  } finally {
    Reflect.deleteProperty(backend, 'executeSingleOutput');
  }
  return names;
}

onEachEngine(() => {
  it('runs no op for a reshape or cast that changes nothing', () => {
    expect(tf.getBackend()).toBe(NATIVE_BACKEND);
    const before = tensorCount();
    tf.tidy(() => {
      const x = tensorOf([2, 3]);
      expect(opsOf(() => void tf.reshape(x, [2, 3]))).toEqual([]);
      expect(opsOf(() => void tf.reshape(x, [-1, 3]))).toEqual([]);
      expect(opsOf(() => void tf.cast(x, 'float32'))).toEqual([]);
      expect(opsOf(() => void tf.reshape(x, [3, -1]))).toEqual(['Reshape']);
      expect(opsOf(() => void tf.reshape(x, [6]))).toEqual(['Reshape']);
      expect(opsOf(() => void tf.cast(x, 'int32'))).toEqual(['Cast']);
    });
    expect(tensorCount()).toBe(before);
  });

  it.each([0, 1, 2, -1, -3])('expands axis %i by a reshape, which a graph can hold', (axis) => {
    const before = tensorCount();
    tf.tidy(() => {
      for (const dtype of ['float32', 'int32'] as const) {
        const x = tf.cast(tensorOf([2, 3]), dtype);
        const shape = [
          [1, 2, 3],
          [2, 1, 3],
          [2, 3, 1],
        ].at(axis)!;
        let expanded: tf.Tensor | undefined;
        expect(opsOf(() => void (expanded = tf.expandDims(x, axis)))).toEqual(['Reshape']);
        expect(expanded!.shape).toEqual(shape);
        expect([...expanded!.dataSync()]).toEqual([...x.dataSync()]);
      }
    });
    expect(tensorCount()).toBe(before);
  });

  it('hands out handles that outlive the source', () => {
    const x = tf.tensor2d([[1, 2, 3]]);
    const [same, also] = [tf.reshape(x, [1, 3]), tf.cast(x, 'float32')];
    x.dispose();
    expect([...same.dataSync(), ...also.dataSync()]).toEqual([1, 2, 3, 1, 2, 3]);
    same.dispose();
    expect([...tf.tidy(() => tf.square(also).dataSync())]).toEqual([1, 4, 9]);
    also.dispose();
  });

  it.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('multiplies two matrices with MatMul (transposed: %s, %s)', (tA, tB) => {
    tf.tidy(() => {
      const [a, b] = [tensorOf(tA ? [4, 3] : [3, 4], 1), tensorOf(tB ? [2, 4] : [4, 2], 2)] as [tf.Tensor2D, tf.Tensor2D];
      let product: tf.Tensor | undefined;
      expect(opsOf(() => (product = tf.matMul(a, b, tA, tB)))).toEqual(['MatMul']);
      const [x, y] = [a.dataSync(), b.dataSync()];
      const expected = Array.from({ length: 6 }, (_, at) => {
        const [row, column] = [Math.floor(at / 2), at % 2];
        return [0, 1, 2, 3].reduce((sum, k) => sum + x[tA ? k * 3 + row : row * 4 + k]! * y[tB ? column * 4 + k : k * 2 + column]!, 0);
      });
      expect(product!.shape).toEqual([3, 2]);
      expectClose(product!.dataSync(), expected, 1e-6);
      expect(opsOf(() => void tf.matMul(tf.reshape(a, [1, ...a.shape]), b, tA, tB))).toContain('BatchMatMulV2');
    });
  });

  it.each([
    ['3x3, same', [3, 5, 4, 40], [3, 3, 40, 50], 1, 'same'],
    ['3x3, stride 2, same', [2, 6, 7, 40], [3, 3, 40, 50], 2, 'same'],
    ['3x3, stride 2, valid, rows that no window reaches', [4, 8, 6, 40], [3, 3, 40, 50], 2, 'valid'],
    ['1x1, stride 2', [3, 6, 5, 128], [1, 1, 128, 128], 2, 'same'],
    ['a window as large as the image', [3, 4, 4, 32], [4, 4, 32, 40], 1, 'valid'],
    ['strides of its own', [2, 7, 9, 32], [5, 4, 32, 30], [3, 2], 'same'],
  ] as const)('takes the input gradient of all images at once: %s', (_name, inputShape, filterShape, strides, pad) => {
    const before = tensorCount();
    tf.tidy(() => {
      const [batch, ...image] = inputShape;
      const filter = tensorOf(filterShape, 2) as tf.Tensor4D;
      const gradient = (dy: tf.Tensor, count: number): tf.Tensor =>
        tf
          .engine()
          .runKernel(
            tf.Conv2DBackpropInput,
            { dy, filter },
            { strides: typeof strides === 'number' ? strides : [...strides], pad, dataFormat: 'NHWC', inputShape: [count, ...image] },
          ) as unknown as tf.Tensor;
      const { outShape } = tf.backend_util.computeConv2DInfo([...inputShape], [...filterShape], strides as [number, number], 1, pad);
      const dy = tensorOf(outShape, 3);
      const alone = Array.from({ length: batch }, (_, i) => gradient(tf.slice(dy, [i, 0, 0, 0], [1, ...outShape.slice(1)]), 1));
      let together: tf.Tensor | undefined;
      expect(opsOf(() => (together = gradient(dy, batch)))).toContain('Slice');
      expect(together!.shape).toEqual([...inputShape]);
      expectClose(together!.dataSync(), tf.concat(alone, 0).dataSync(), 1e-5);
    });
    expect(tensorCount()).toBe(before);
  });
}, ['native']);
