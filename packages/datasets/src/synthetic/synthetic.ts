import { definePiece, type Dataset, type DatasetContext, type LoadedDataset, type RandomStream } from '@equimodal/core';
import { gaussianSource } from '../front-ends/noise.js';
import { fingerprint, InMemorySplit, type ModalityRows } from '../split/in-memory.js';
import { amplitude, reachable } from './accuracy.js';
import { drawSymbols, orthonormal, type Shares } from './information.js';
import { shapeOf, sizeOf, syntheticOptions, type SyntheticOptions } from './options.js';

/**
 * Generated modalities whose information is set: how much of it they share, each has alone, and only all together have; how strong each
 * is, how often it is missing, how many labels are wrong.
 *
 * A sample of modality m is x = a u_k + e, with e normal of unit variance, u_k one of 2C orthonormal patterns (one for each class, one for each symbol) and a =
 * sqrt(d 10^(snr/10)) for d values a sample. Redundant rows show the class in every modality, unique rows in one, synergy rows a random symbol in each,
 * whose sum modulo C is the class; the others show nothing.
 */
export const synthetic = definePiece({
  kind: 'dataset',
  id: 'synthetic',
  description: 'generated modalities, any number, with set shares of redundant, unique and synergistic information; no files needed',
  facts: { note: 'the accuracies that can be reached are known and stand in the notes' },
  options: syntheticOptions,
  create: (options, context) => new Synthetic(options, context),
});

class Synthetic implements Dataset {
  readonly modalities: Dataset['modalities'];

  constructor(
    private readonly options: SyntheticOptions,
    private readonly context: Pick<DatasetContext, 'random'>,
  ) {
    this.modalities = Object.entries(options.modalities).map(([name, { kind }]) => ({ name, kind }));
  }

  load(): Promise<LoadedDataset> {
    const { options } = this;
    const { classes, labelNoise, train, validation, test } = options;
    const random = this.context.random.at('synthetic').at(options.seed);
    const sources = sourcesOf(options, random.at('patterns'));
    const shares: Shares = {
      redundant: options.redundant,
      synergy: options.synergy,
      unique: Object.values(options.modalities).map(({ unique }) => unique),
    };
    const part = (name: string, rows: number): InMemorySplit => generate(rows, classes, shares, sources, random.at(name));
    const clean = part('train', train);
    const splits = {
      train: new InMemorySplit(mislabel(clean.labels, classes, labelNoise, random.at('label-noise')), clean.modalities),
      validation: part('validation', validation),
      test: part('test', test),
    };
    const best = reachable(classes, shares, sources);
    return Promise.resolve({
      classes: Array.from({ length: classes }, (_, label) => String(label)),
      modalities: Object.entries(options.modalities).map(([name, { kind, shape }]) => ({ name, kind, shape: shapeOf(kind, shape) })),
      splits,
      fingerprint: fingerprint(splits),
      notes: [
        `the best a modality can do alone: ${sources.map(({ name }, m) => `${name} ${best.alone[m]!.toFixed(3)}`).join(', ')}`,
        `the best all can do together, if there were no noise: ${best.together.toFixed(3)}`,
        ...(labelNoise > 0
          ? [`${Math.round(labelNoise * train)} of ${train} training labels are wrong on purpose; validation and test labels are right`]
          : []),
      ],
    });
  }
}

interface Source {
  readonly name: string;
  readonly size: number;
  readonly amplitude: number;
  readonly missing: number;
  /** [2 * classes, size]. */
  readonly patterns: Float64Array;
}

function sourcesOf({ modalities, classes }: SyntheticOptions, random: RandomStream): Source[] {
  return Object.entries(modalities).map(([name, { kind, shape, snr, missing }]) => {
    const size = sizeOf(kind, shape);
    return { name, size, missing, amplitude: amplitude(snr, size), patterns: orthonormal(2 * classes, size, random.at(name)) };
  });
}

function generate(rows: number, classes: number, shares: Shares, sources: readonly Source[], random: RandomStream): InMemorySplit {
  const { labels, patterns: shown } = drawSymbols(rows, classes, shares, random.at('information'));
  const modalities: Record<string, ModalityRows> = {};
  sources.forEach(({ name, size, amplitude: a, missing, patterns }, m) => {
    const noise = gaussianSource(random.at('noise').at(name));
    const absent = random.at('missing').at(name);
    const data = new Float32Array(rows * size);
    for (let row = 0; row < rows; row++) {
      const gone = absent.uniform() < missing;
      const pattern = shown[m]![row]!;
      for (let k = 0; k < size; k++) {
        const value = noise() + (pattern < 0 ? 0 : a * patterns[pattern * size + k]!);
        if (!gone) data[row * size + k] = value;
      }
    }
    modalities[name] = { data, rowSize: size };
  });
  return new InMemorySplit(labels, modalities);
}

/** The labels, a share of them replaced by another class each. */
function mislabel(labels: Int32Array, classes: number, share: number, random: RandomStream): Int32Array {
  const out = labels.slice();
  for (const row of random.permutation(labels.length).subarray(0, Math.round(share * labels.length))) {
    out[row] = (labels[row]! + 1 + random.integer(classes - 1)) % classes;
  }
  return out;
}
