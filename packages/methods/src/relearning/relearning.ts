import { definePiece, type EpochContext, type Method, type MethodContext } from '@equimodal/core';
import { z } from 'zod';
import { clusterPurity, relearningStrength, type Labelled } from './purity.js';

const START = 'start';

export interface RelearningOptions {
  /** How sharply the strength follows the gap. */
  readonly lambda: number;
  /** Epochs between two diagnoses; null: a third of the run, at least one. */
  readonly every: number | null;
  /** How often encoders are put back at most. */
  readonly times: number;
  /** Share of the rows of training and validation that are clustered. */
  readonly fraction: number;
}

/**
 * Diagnosing and re-learning: every so many epochs the features of each modality are clustered on training and on validation data. The gap
 * g_m = P_train - P_val of the purities says how much of what the modality has learnt does not carry over, and its encoder is softly put back
 * to where it began:
 *
 *     theta_m <- (1 - a_m) theta_m + a_m theta_m(0),   a_m = tanh(lambda max(0, g_m))
 *
 * A modality that is ahead and memorises is put back far, one with little information hardly: it is not forced. Fusion and heads stay.
 */
export function relearning({ lambda, every, times, fraction }: RelearningOptions, { modalities, classes, epochs }: MethodContext): Method {
  const distance = every ?? Math.max(1, Math.floor(epochs / 3));
  return {
    async epochStart(context) {
      const { epoch, snapshot, restore, random } = context;
      if (epoch === 0) snapshot(START);
      if (epoch === 0 || epoch % distance !== 0 || epoch / distance > times) return undefined;
      const train = await featuresOf(context, 'train', modalities, fraction);
      const validation = await featuresOf(context, 'validation', modalities, fraction);
      const seed = random.at('clusters').integer(2 ** 31);
      const purityOf = (own: Labelled): Promise<number> => clusterPurity(own, classes, seed);
      for (const name of modalities) {
        const weight = relearningStrength(await purityOf(train[name]!), await purityOf(validation[name]!), lambda);
        if (weight > 0) restore(START, { weight, paths: (path) => path.startsWith(`encoders/${name}/`) });
      }
      return undefined;
    },
  };
}

async function featuresOf(
  { pass }: Pick<EpochContext, 'pass'>,
  split: 'train' | 'validation',
  modalities: readonly string[],
  fraction: number,
): Promise<Record<string, Labelled>> {
  const labels: number[] = [];
  const rows = Object.fromEntries(modalities.map((name) => [name, [] as number[][]]));
  await pass(
    split,
    (batch) => {
      labels.push(...batch.labels);
      for (const name of modalities) {
        const features = batch.features[name]!;
        const width = features.shape[1]!;
        // eslint-disable-next-line no-restricted-syntax -- between epochs, on the host
        const values = features.dataSync();
        for (let at = 0; at < values.length; at += width) rows[name]!.push(Array.from(values.subarray(at, at + width)));
      }
      return undefined;
    },
    { fraction },
  );
  return Object.fromEntries(modalities.map((name) => [name, { rows: rows[name]!, labels }]));
}

/** The method `relearning`. */
export const relearningMethod = definePiece({
  kind: 'method',
  id: 'relearning',
  description: 'Puts each encoder softly back to where it began, the further the less its features carry over to validation',
  facts: {
    needs: ['validation'],
    backwardPassesPerStep: 1,
    auxiliaryPassesPerEpoch: 'varies',
    paper: {
      title: 'Diagnosing and Re-learning for Balanced Multimodal Learning',
      venue: 'ECCV 2024',
      url: 'https://arxiv.org/abs/2407.09705',
    },
    note: 'A pass over training and validation at each diagnosis; clustering happens on the host.',
  },
  options: z.object({
    lambda: z.number().positive().default(3).describe('How sharply the strength follows the gap'),
    every: z.int().positive().nullable().default(null).describe('Epochs between two diagnoses; null: a third of the run'),
    times: z.int().positive().default(2).describe('How often encoders are put back at most'),
    fraction: z.number().positive().max(1).default(1).describe('Share of the rows of training and validation that are clustered'),
  }),
  create: relearning,
});
