import { z } from 'zod';

/** Shape of one sample of each kind, where none is given. */
const SHAPES = { vector: [32], sequence: [8, 8], image: [12, 12, 1], spectrogram: [12, 12, 1], video: [4, 8, 8, 1] } as const;
export type SyntheticKind = keyof typeof SHAPES;

const share = z.number().min(0).max(1);
const size = z.int().positive();

const modality = z
  .strictObject({
    kind: z.enum(['vector', 'sequence', 'image', 'spectrogram', 'video']).default('vector').describe('kind of input'),
    shape: z.array(size).min(1).optional().describe('shape of a sample; default [32], [8, 8], [12, 12, 1], [12, 12, 1], [4, 8, 8, 1]'),
    snr: z.number().min(-60).max(60).default(0).describe('signal-to-noise ratio in dB; lower is harder'),
    unique: share.default(0).describe('share of the rows whose class this modality alone shows'),
    missing: share.default(0).describe('share of the rows in which it is absent: all zeros'),
  })
  .superRefine(({ kind, shape }, context) => {
    if (shape !== undefined && shape.length !== SHAPES[kind].length)
      context.addIssue({ code: 'custom', path: ['shape'], message: `a ${kind} has ${SHAPES[kind].length} axes` });
  });

export const syntheticOptions = z
  .strictObject({
    modalities: z
      .record(z.string().min(1), modality)
      .prefault({ strong: { snr: 0, unique: 0.1 }, weak: { snr: -12, unique: 0.1 } })
      .describe('any number of modalities, by name'),
    classes: z.int().min(2).max(100).default(4).describe('number of classes'),
    redundant: share.default(0.6).describe('share of the rows whose class every modality shows'),
    synergy: share
      .default(0.1)
      .describe('share of the rows whose class only all modalities together show: the sum of their symbols modulo the classes'),
    labelNoise: share.default(0).describe('share of the training rows whose label is another class'),
    train: size.default(2000).describe('training rows'),
    validation: size.default(500).describe('validation rows'),
    test: size.default(1000).describe('test rows'),
    seed: z.int().min(0).default(0).describe('which set is generated; independent of the seed of a run'),
  })
  .superRefine(({ modalities, classes, redundant, synergy }, context) => {
    const problem = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message });
    const entries = Object.entries(modalities);
    if (entries.length === 0) problem(['modalities'], 'expected at least one modality');
    const total = redundant + synergy + entries.reduce((sum, [, { unique }]) => sum + unique, 0);
    if (total > 1 + 1e-9)
      problem(['redundant'], `redundant, synergy and every "unique" are shares of the rows; together they are ${total.toFixed(3)}`);
    if (synergy > 0 && entries.length < 2) problem(['synergy'], 'synergy needs at least two modalities');
    for (const [name, { kind, shape }] of entries) {
      const values = sizeOf(kind, shape);
      if (values < 2 * classes)
        problem(['modalities', name, 'shape'], `${classes} classes need at least ${2 * classes} values a sample; this shape has ${values}`);
    }
  });
export type SyntheticOptions = z.output<typeof syntheticOptions>;

export const shapeOf = (kind: SyntheticKind, shape: readonly number[] | undefined): readonly number[] => shape ?? SHAPES[kind];

/** Values of one sample. */
export const sizeOf = (kind: SyntheticKind, shape: readonly number[] | undefined): number =>
  shapeOf(kind, shape).reduce((product, length) => product * length, 1);
