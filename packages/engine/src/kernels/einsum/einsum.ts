import * as tf from '@tensorflow/tfjs-core';
import type { KernelFunc, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { EquimodalError } from '@equimodal/core';
import type { HostBackendName } from '../../backend/host.js';
import { replaceKernel } from '../../backend/register.js';

/** A tensor with one label an axis. */
interface Labelled {
  readonly tensor: Tensor;
  readonly labels: string;
}

const only = (labels: string, test: (label: string) => boolean): string => [...labels].filter(test).join('');

/** Sums away the axes whose label is not wanted. */
function summed({ tensor, labels }: Labelled, wanted: string): Labelled {
  const gone = [...labels].flatMap((label, axis) => (wanted.includes(label) ? [] : [axis]));
  return gone.length === 0 ? { tensor, labels } : { tensor: tf.sum(tensor, gone), labels: only(labels, (label) => wanted.includes(label)) };
}

/** The axes in the order of `labels`, in groups that become one axis each. */
function grouped(x: Labelled, groups: readonly string[]): Tensor {
  const sizes = groups.map((group) => [...group].reduce((product, label) => product * x.tensor.shape[x.labels.indexOf(label)]!, 1));
  const order = [...groups.join('')].map((label) => x.labels.indexOf(label));
  return tf.reshape(tf.transpose(x.tensor, order), sizes);
}

/** Two operands as one batched matrix product: [shared, left, summed] by [shared, summed, right]. */
function contract(a: Labelled, b: Labelled, output: string): Labelled {
  const [left, right] = [summed(a, b.labels + output), summed(b, a.labels + output)];
  const isShared = (label: string): boolean => left.labels.includes(label) && right.labels.includes(label);
  const batch = only(left.labels, (label) => isShared(label) && output.includes(label));
  const inner = only(left.labels, (label) => isShared(label) && !output.includes(label));
  const rows = only(left.labels, (label) => !isShared(label));
  const columns = only(right.labels, (label) => !isShared(label));
  const product = tf.matMul(grouped(left, [batch, rows, inner]), grouped(right, [batch, inner, columns]));
  const sizeOf = (label: string): number => {
    const of = left.labels.includes(label) ? left : right;
    return of.tensor.shape[of.labels.indexOf(label)]!;
  };
  const labels = batch + rows + columns;
  return { tensor: tf.reshape(product, [...labels].map(sizeOf)), labels };
}

/**
 * An einsum of any number of operands, each label at most once in an operand: from left to right, pair by pair, as matrix products.
 *
 * @throws EquimodalError EQM_PLUGIN_FAULT without an explicit output, or where a label stands twice in an operand.
 */
export function einsum(equation: string, operands: readonly Tensor[]): Tensor {
  const [left, output] = equation.replace(/\s/g, '').split('->') as [string, string | undefined];
  const terms = left.split(',');
  if (output === undefined || terms.length !== operands.length || terms.some((term) => new Set(term).size !== term.length)) {
    throw new EquimodalError('EQM_PLUGIN_FAULT', `einsum "${equation}" of ${operands.length} operands is not known on this engine`, {
      where: 'einsum',
      fix: 'Give one term an operand and an explicit output, and no label twice in one operand.',
    });
  }
  return tf.tidy(() => {
    const [first, ...rest] = terms.map((labels, i) => ({ tensor: operands[i]!, labels }));
    const result = rest.reduce((so, next, i) => {
      // What later operands have is not summed away yet.
      const needed = output + terms.slice(i + 2).join('');
      return contract(so, next, needed);
    }, first!);
    return grouped(summed(result, output), [...output]);
  });
}

/** Einsum, which the wasm backend lacks and the cpu backend has only for some equations. */
export function installEinsum(backendName: HostBackendName): void {
  replaceKernel({
    kernelName: tf.Einsum,
    backendName,
    kernelFunc: (({ inputs, attrs }) => {
      const operands = Object.values(inputs) as unknown as Tensor[];
      return einsum(attrs!['equation'] as string, operands) as TensorInfo;
    }) as KernelFunc,
  });
}
