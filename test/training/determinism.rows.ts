import type { Engine } from '@equimodal/core';
import { toyDataset } from '@equimodal/testing';
import { MODALITIES, trainToy, type Toy } from './support.js';

const IMAGES = MODALITIES.map(({ name }) => ({ name, kind: 'image' as const, shape: [8, 8, 1] }));

/** Rows of 200 steps that hold everything random or learned: dropout, noise on gradients, batch norm, alpha by the hypergradient. */
export const ROWS = {
  'MLPs with dropout, and ogm-ge': {
    dataset: toyDataset(MODALITIES, { size: 160 }),
    encoders: { default: { use: 'mlp', hidden: [12], features: 6, batchNorm: true, dropout: 0.3 } },
    recipe: { methods: ['ogm-ge'] },
    training: { epochs: 20, batchSize: 16 },
  },
  'small CNNs with info-nce, and alpha learned each 20 steps': {
    dataset: toyDataset(IMAGES, { size: 80 }),
    encoders: { default: { use: 'lenet', channels: [2, 4], features: 6 } },
    recipe: {
      alignment: 'info-nce',
      alpha: { use: 'learned', everySteps: 20, outerFraction: 0.2, outerBatchSize: 16, innerBatchSize: 16 },
    },
    // Some 64 rows are left to train on: 8 full batches an epoch.
    training: { epochs: 25, batchSize: 8, dropLast: true },
  },
} satisfies Readonly<Record<string, Toy>>;
export type RowName = keyof typeof ROWS;

/** Every number a run gives: losses and reports of each step, each alpha, gradient norms, final figures. */
export async function numbersOf(engine: Engine, row: RowName) {
  const { signals, result } = await trainToy(engine, ROWS[row]);
  return {
    engine: engine.id,
    steps: signals.flatMap((signal) =>
      signal.type === 'step.completed' ? [{ ...signal.losses, ...signal.reports, total: signal.total }] : [],
    ),
    alphas: signals.flatMap((signal) => (signal.type === 'alpha.updated' ? [{ alpha: signal.alpha, ...signal.details }] : [])),
    gradients: signals.flatMap((signal) => (signal.type === 'gradients.measured' ? [{ ...signal.norm, ...signal.cosine }] : [])),
    metrics: result.metrics,
  };
}
