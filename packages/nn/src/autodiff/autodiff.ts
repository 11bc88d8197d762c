import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { EquimodalError, type Tree } from '@equimodal/core';
import { releaseBehind } from './release.js';

/**
 * Value and gradients of a scalar function of a tree, with what else the function computed.
 *
 * Unlike `tf.grads`, tensors returned in `aux` survive the backward pass (as handles of the caller's
 * tidy scope), and a parameter the value does not depend on gets a zero gradient. Without parameters nothing is differentiated.
 *
 * @param fn must compute `value` (a scalar) from the leaves of `params` (it closes over them).
 * @throws EQM_PLUGIN_FAULT when the value is not a scalar. Whatever `fn` throws passes through; nothing leaks.
 */
export function valueAndGradients<A extends Readonly<Record<string, Tensor>>>(
  fn: () => { value: Tensor; aux: A },
  params: Tree,
): { value: Tensor; aux: A; gradients: Tree } {
  const paths = Object.keys(params);
  if (paths.length === 0) {
    const { value, aux } = tf.tidy(() => {
      const result = fn();
      checkScalar(result.value);
      return result as unknown as tf.TensorContainerObject;
    }) as unknown as { value: Tensor; aux: A };
    return { value, aux, gradients: {} };
  }
  const kept: [string, Tensor][] = [];
  try {
    const { value, grads } = tf.engine().gradients(
      () => {
        const { value, aux } = fn();
        checkScalar(value);
        // Clones of what must survive: the tape disposes everything else of the forward pass.
        for (const [name, tensor] of Object.entries(aux)) kept.push([name, tf.keep(tf.clone(tensor))]);
        // A fresh tensor: the value may be a parameter or one of the aux.
        const fresh = tf.clone(value) as Scalar;
        releaseBehind();
        return fresh;
      },
      paths.map((path) => params[path]!),
      undefined,
      true,
    );
    const aux = Object.fromEntries(kept.map(([name, tensor]) => [name, tf.clone(tensor)])) as A;
    const gradients = Object.fromEntries(paths.map((path, i) => [path, grads[i] ?? tf.zerosLike(params[path]!)]));
    return { value, aux, gradients };
  } catch (error) {
    clearTape();
    throw error;
  } finally {
    for (const [, tensor] of kept) tensor.dispose();
  }
}

function checkScalar(value: Tensor): void {
  if (value.rank === 0) return;
  throw new EquimodalError('EQM_PLUGIN_FAULT', `only a scalar has gradients here, got the shape [${value.shape.join(', ')}]`, {
    where: 'loss',
    fix: 'Reduce the loss to a scalar.',
  });
}

/** After an error TensorFlow.js keeps what the tape had saved for the backward pass; this lets go of it. */
function clearTape(): void {
  const { state } = tf.engine();
  if (state.gradientDepth > 0) return;
  for (const node of state.activeTape ?? []) tf.dispose(node.saved ?? []);
  state.activeTape = [];
}
