import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * The same values, without their history: no gradient flows through the result.
 *
 * TensorFlow.js has no such op, and an op with a zero gradient is still walked by the backward pass.
 * This makes a second handle on the same memory that the gradient tape never sees; the memory is
 * counted, so either handle may be disposed first. It copies nothing.
 *
 * @returns a tensor with the shape, type and data of `x`; a tidy scope owns it like any other.
 */
export function stopGradient<T extends Tensor>(x: T): T {
  const engine = tf.engine();
  const { backend } = engine;
  if (backend.refCount(x.dataId) === 0) engine.moveData(backend, x.dataId);
  backend.incRef(x.dataId);
  return engine.makeTensorFromTensorInfo({ dataId: x.dataId, shape: x.shape, dtype: x.dtype }) as T;
}
