import * as tf from '@tensorflow/tfjs-core';
import type { KernelFunc, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { attributes, NATIVE_BACKEND, type NativeBackend } from '../../backend/native.js';
import { replaceKernel } from '../../backend/register.js';
import { tallInputGradient } from './input-gradient.js';

/** The call as the kernels of tfjs take it. */
type Call = Parameters<KernelFunc>[0];

/** The same tensor under another handle; no op runs. */
function alias(x: TensorInfo, backend: NativeBackend): TensorInfo {
  backend.incRef(x.dataId);
  return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
}

/** Replaces a kernel of tfjs-node by one that first looks whether there is a shorter way. */
function shorten(kernelName: string, shortcut: (call: Call, backend: NativeBackend) => TensorInfo | undefined): void {
  const config = tf.getKernel(kernelName, NATIVE_BACKEND);
  if (config === undefined) return;
  replaceKernel({
    ...config,
    kernelFunc: (call) => shortcut(call, call.backend as unknown as NativeBackend) ?? config.kernelFunc(call),
  });
}

let installed = false;

/**
 * Shorter ways of tfjs-node's own kernels: a reshape to the same shape and a cast to the same type run
 * no op (the gradients of TensorFlow.js are full of them), an expanded axis is a reshape, and a product of two matrices is MatMul,
 * which TensorFlow's graph optimizer knows how to fuse, instead of the batched op; a convolution's input gradient over small maps
 * is one product for all images (on the CPU).
 *
 * The kernels must have been registered. Calling it again does nothing.
 */
export function installNativeKernels(): void {
  if (installed) return;
  installed = true;
  shorten(tf.Reshape, ({ inputs, attrs }, backend) => {
    const x = inputs['x']!;
    const shape = attrs!['shape'] as number[];
    const same = shape.length === x.shape.length && shape.every((n, axis) => n === x.shape[axis] || n === -1);
    return same ? alias(x, backend) : undefined;
  });
  shorten(tf.Cast, ({ inputs, attrs }, backend) => {
    const x = inputs['x']!;
    return x.dtype === attrs!['dtype'] ? alias(x, backend) : undefined;
  });
  // tfjs-node calls ExpandDims without its type, which TensorFlow guesses when it runs eagerly and misses in a graph.
  shorten(tf.ExpandDims, ({ inputs, attrs, backend }) => {
    const x = inputs['input']!;
    const dim = (attrs as unknown as { dim: number }).dim;
    const shape = [...x.shape];
    shape.splice(dim < 0 ? x.shape.length + 1 + dim : dim, 0, 1);
    return tf.getKernel(tf.Reshape, NATIVE_BACKEND)!.kernelFunc({ inputs: { x }, attrs: { shape }, backend }) as TensorInfo;
  });
  shorten(tf.BatchMatMul, ({ inputs, attrs }, backend) => {
    const [a, b] = [inputs['a']!, inputs['b']!];
    if (a.shape.length !== 2 || b.shape.length !== 2 || a.dtype !== 'float32' || b.dtype !== 'float32') return undefined;
    const { float32, boolean } = attributes(backend);
    const { transposeA, transposeB } = attrs as { transposeA?: boolean; transposeB?: boolean };
    const flags = [boolean('transpose_a', transposeA === true), boolean('transpose_b', transposeB === true)];
    return backend.executeSingleOutput('MatMul', [float32('T'), ...flags], [a, b]);
  });
  shorten(tf.Conv2DBackpropInput, ({ inputs, attrs }, backend) =>
    backend.isUsingGpuDevice ? undefined : tallInputGradient(inputs['dy'] as Tensor, inputs['filter'] as Tensor, attrs!),
  );
}
