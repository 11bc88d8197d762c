import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtInHost } from '@equimodal/cli';
import { ConfigSource, datasetChosen, RandomStream, resolveExperiment, type Engine } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { train } from '@equimodal/training';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { PaperData, SMALL } from './support/paper-data.js';

const FOLDER = new URL('../../experiments/paper/', import.meta.url);
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));

interface Use {
  readonly use: string;
  readonly [option: string]: unknown;
}
interface File {
  readonly dataset: Use;
  readonly encoders: Readonly<Record<string, Use>>;
  readonly training: object;
}

const root = mkdtempSync(join(tmpdir(), 'equimodal-paper-'));
let engine: Engine;
beforeAll(async () => {
  engine = await startTestEngine();
  await new PaperData(root).write(builtInHost());
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** What makes the inputs of a dataset small. */
const SIZES: Readonly<Record<string, (options: Use) => object>> = {
  'crema-d': (options) => clips(options, 22_050),
  'kinetics-sounds': (options) => clips(options, 16_000),
  vggsound: (options) => clips(options, 16_000),
  nvgesture: () => ({ modalities: ['rgb', 'depth'], frames: 3, length: 5, size: 16, crop: 16, classes: 'sorted' }),
  sarcasm: () => ({ size: 32, maxLength: 8 }),
  twitter2015: () => ({ size: 32, maxLength: 8 }),
};

function clips({ audio, visual, ...options }: Use, rate: number): object {
  const classes = options.use === 'crema-d' ? {} : { classes: 'sorted' };
  const sound = { ...(audio as object), rate, clip: 'tile-0.25s', nFft: 64, hop: 256 };
  return { ...classes, audio: sound, visual: { ...(visual as object), size: 16 } };
}

/** The experiment as the file has it, everything made small: one epoch, few channels, miniature data. */
function inMiniature(file: File): object {
  const { dataset, encoders, training } = file;
  return {
    ...file,
    dataset: { ...dataset, ...SIZES[dataset.use]!(dataset), workers: 0 },
    encoders: Object.fromEntries(
      Object.entries(encoders).map(([name, choice]) => [name, { ...choice, ...SMALL[choice.use as keyof typeof SMALL] }]),
    ),
    training: { ...training, epochs: 1, batchSize: 8, validationFraction: 0.25, measureGradients: 'never' },
    observers: [],
    seeds: [0],
  };
}

/** Epochs of the rows that need more than one: every head is estimated alone before the blend. */
const EPOCHS: Readonly<Record<string, number>> = { 'g-blend': 4 };

/** All rows of one file; of the others one of each kind. EQUIMODAL_PAPER=all tries all rows of all. */
const isTried = (file: string, row: string): boolean =>
  file === 'table1-crema-d.yaml' || process.env['EQUIMODAL_PAPER'] === 'all' || ['mla', 'lfm-lb'].includes(row);

describe('the experiments of the paper', () => {
  it.each(FILES)('%s: as it stands, every row is one that the pieces allow', async (name) => {
    const source = ConfigSource.of(parse(readFileSync(new URL(name, FOLDER), 'utf8')) as object);
    expect((await resolveExperiment(builtInHost(), source)).recipes.length).toBeGreaterThan(3);
  });

  it.each(FILES)('%s: its rows train on data in miniature', async (name) => {
    const host = builtInHost();
    const source = ConfigSource.of(inMiniature(parse(readFileSync(new URL(name, FOLDER), 'utf8')) as File));
    const { dataset, recipes, metrics } = await resolveExperiment(host, source);
    const places = { dataRoot: root, baseDir: root };
    const context = { ...places, requireDataRoot: () => root, random: new RandomStream(0, 'dataset') };
    const loaded = await host.create('dataset', datasetChosen(dataset), context).load();
    for (const chosen of recipes.filter(({ id }) => isTried(name, id))) {
      const recipe = { ...chosen, training: { ...chosen.training, epochs: EPOCHS[chosen.id] ?? 1 } };
      const result = await train({ host, engine, metrics, recipe, places, experiment: name, seed: 0, observers: [], dataset: loaded });
      expect(result.status, recipe.id).toBe('completed');
      expect(result.metrics!.test.accuracy, recipe.id).toBeGreaterThanOrEqual(0);
      const { pretrained } = recipe.encoders[recipe.modalities[0]!] as { pretrained?: unknown };
      expect(result.pretrained.length > 0, recipe.id).toBe(pretrained !== undefined);
    }
  });
});
