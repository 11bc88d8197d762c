import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/** A set of modalities and its weight. */
interface Weighed {
  readonly present: readonly string[];
  readonly weight: number;
}

const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));

/** All subsets of the modalities but the empty one, smallest first. */
export function coalitions(modalities: readonly string[]): string[][] {
  const all = Array.from({ length: 2 ** modalities.length - 1 }, (_, i) => modalities.filter((_name, bit) => ((i + 1) >> bit) & 1));
  return all.sort((a, b) => a.length - b.length);
}

/**
 * The weights with which the outputs f(S) enter the Shapley value of one modality u; a set with u counts positive:
 *
 *     (|S| - 1)! (M - |S|)! / M!  with u in S,   -|S|! (M - |S| - 1)! / M!  without
 *
 * The empty set cancels against the share of it that every modality gets, so all values add up to f(all).
 */
export function shapleyWeights(modalities: readonly string[], modality: string): Weighed[] {
  const count = modalities.length;
  return coalitions(modalities).map((present) => {
    const size = present.length;
    const inside = present.includes(modality);
    const ways = inside ? factorial(size - 1) * factorial(count - size) : -factorial(size) * factorial(count - size - 1);
    return { present, weight: ways / factorial(count) };
  });
}

/**
 * Mono-modal responses m_u [batch, classes]: the Shapley value of each modality in the fused logits, which add up to them.
 *
 * @param outputs f(S), the fused logits with only the modalities of S present
 */
export function monoModalResponses(modalities: readonly string[], outputs: (present: readonly string[]) => Tensor): Record<string, Tensor> {
  const given = new Map(coalitions(modalities).map((present) => [present.join('\n'), outputs(present)]));
  return Object.fromEntries(
    modalities.map((modality) => [
      modality,
      tf.addN(shapleyWeights(modalities, modality).map(({ present, weight }) => tf.mul(given.get(present.join('\n'))!, weight))),
    ]),
  );
}
