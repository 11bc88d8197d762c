import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * Makes the backward pass that follows let go of what it has used, op by op: the gradients of an op's outputs, and what the op had saved.
 * TensorFlow.js keeps all of it to the end, which doubles the memory of a step. Call it at the end of the forward pass.
 *
 * Does nothing inside another differentiation, whose backward pass may need the same tensors. A gradient that was handed on more than
 * once (an op that returns the gradient it was given, or one for two inputs) stays to the end.
 */
export function releaseBehind(): void {
  const { activeTape, gradientDepth } = tf.engine().state;
  if (gradientDepth !== 1) return;
  const handedOn = new Map<number, number>();
  const reached = new Set<number>();
  let letGo = (): void => undefined;
  for (const node of activeTape ?? []) {
    const { gradient, saved, inputs } = node;
    if (gradient === undefined) continue;
    node.gradient = (dys) => {
      // All gradients of the op before were asked for by now.
      letGo();
      const added: Tensor[] = [];
      letGo = () => {
        for (const used of [...dys, ...added]) {
          // TensorFlow.js passes null for an output that nothing depends on.
          if ((used as Tensor | null) !== null && (handedOn.get(used.id) ?? 1) === 1) used.dispose();
        }
        tf.dispose(saved ?? []);
      };
      const gradients = Object.entries(gradient(dys)).map(([name, make]): [string, () => Tensor] => [
        name,
        () => {
          const dx = make();
          handedOn.set(dx.id, (handedOn.get(dx.id) ?? 0) + 1);
          // The second gradient of a tensor is added to the first, and of no use then.
          const x = inputs[name]!;
          if (reached.has(x.id)) added.push(dx);
          reached.add(x.id);
          return dx;
        },
      ]);
      return Object.fromEntries(gradients);
    };
  }
}
