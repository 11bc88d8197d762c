import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { EquimodalError } from '@equimodal/core';
import { replaceGradient } from './replace.js';

/**
 * The gradient of einsum for one or two operands, of which TensorFlow.js has none: an einsum of dy
 * with the other operand; a label that only this operand has was summed away, so it is repeated.
 */
export function installEinsumGradient(): void {
  replaceGradient({
    kernelName: tf.Einsum,
    saveAllInputs: true,
    gradFunc: (upstream, saved, attrs) => {
      const dy = upstream as Tensor;
      const equation = (attrs['equation'] as string).replace(/\s/g, '');
      const [left, output] = equation.split('->') as [string, string | undefined];
      const terms = left.split(',');
      if (output === undefined || terms.length > 2 || terms.some((term) => new Set(term).size !== term.length)) {
        throw new EquimodalError('EQM_PLUGIN_FAULT', `einsum "${equation}" has no gradient here`, {
          where: 'einsum',
          fix: 'Write it with one or two operands, an explicit output, and no label twice in one operand.',
        });
      }
      return Object.fromEntries(
        saved.map((operand, i) => {
          const labels = [...terms[i]!];
          const other = saved.length === 2 ? 1 - i : undefined;
          const around = output + (other === undefined ? '' : terms[other]!);
          const known = labels.filter((label) => around.includes(label));
          const gradient = (): Tensor => {
            const inputs = other === undefined ? [dy] : [dy, saved[other]!];
            const sources = other === undefined ? output : `${output},${terms[other]!}`;
            const partial = tf.einsum(`${sources}->${known.join('')}`, ...inputs);
            const kept = operand.shape.map((n, axis) => (known.includes(labels[axis]!) ? n : 1));
            return tf.broadcastTo(tf.reshape(partial, kept), operand.shape);
          };
          return [String(i), gradient];
        }),
      );
    },
  });
}
