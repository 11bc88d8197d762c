import type { Kind } from '@equimodal/core';

/** What is particular to the package of a kind of piece. */
export interface KindPlan {
  /** Packages of ours that the template imports, beside `core`. */
  readonly imports: readonly ('nn' | 'engine')[];
  readonly tensors: boolean;
  /** Lines of the experiment file that use the piece. */
  readonly experiment: (id: string) => readonly string[];
  /** Flags of `train` that use it. */
  readonly flags?: (id: string) => string;
}

const DATASET = 'dataset: { use: synthetic-av, train: 300, validation: 100, test: 100 }';
const ENCODERS = 'encoders: { default: { use: mlp, hidden: [16], features: 12 } }';
const TRAINING = 'training: { epochs: 4, batchSize: 50 }';
const usual = (...more: readonly string[]): readonly string[] => [DATASET, ENCODERS, TRAINING, ...more];

export const KIND_PLANS: Readonly<Record<Kind, KindPlan>> = {
  encoder: {
    imports: ['nn'],
    tensors: true,
    experiment: (id) => [DATASET, `encoders: { default: ${id} }`, TRAINING, 'recipes: [concat]'],
  },
  fusion: { imports: ['nn'], tensors: true, experiment: (id) => usual(`recipes: [{ as: ${id}, fusion: ${id}, losses: [cross-entropy] }]`) },
  loss: { imports: ['nn'], tensors: true, experiment: (id) => usual(`recipes: [{ as: ${id}, fusion: concat, losses: [${id}] }]`) },
  alignment: {
    imports: [],
    tensors: true,
    experiment: (id) => usual(`recipes: [{ recipe: lfm-h, as: ${id}, alignment: ${id} }]`),
  },
  'alpha-scheduler': { imports: [], tensors: false, experiment: (id) => usual(`recipes: [{ recipe: lfm-h, as: ${id}, alpha: ${id} }]`) },
  method: {
    imports: [],
    tensors: true,
    experiment: (id) => usual(`recipes: [{ as: ${id}, fusion: concat, losses: [cross-entropy], methods: [${id}] }]`),
  },
  metric: { imports: [], tensors: false, experiment: (id) => usual(`metrics: [accuracy, ${id}]`, 'recipes: [concat]') },
  dataset: {
    imports: [],
    tensors: false,
    experiment: (id) => [`dataset: ${id}`, ENCODERS, TRAINING, 'recipes: [concat]'],
  },
  observer: { imports: [], tensors: false, experiment: (id) => usual(`observers: [jsonl, ${id}]`, 'recipes: [concat]') },
  engine: { imports: ['engine'], tensors: false, experiment: () => usual('recipes: [concat]'), flags: (id) => ` --engine ${id}` },
};
