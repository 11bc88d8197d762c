import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { EquimodalError } from '../errors/errors.js';
import { Host } from '../plugin/host.js';
import { definePiece } from '../plugin/pieces.js';
import { CONTRACT_VERSION, definePlugin } from '../plugin/plugin.js';
import { PIECES } from '../plugin/tokens.js';
import { datasetChosen } from './dataset.js';
import { encoderChain, encoderChosen } from './encoder.js';
import { resolveExperiment } from './experiment.js';
import { choiceOf } from './nested.js';
import { resolveDataset } from './resolve-dataset.js';
import { ConfigSource, merge } from './source.js';

const never = () => {
  throw new Error('not built when a config is checked');
};
const pieces = [
  definePiece({
    kind: 'dataset',
    id: 'toy',
    description: 'toy',
    facts: {},
    options: z.object({ size: z.int().default(10) }),
    create: () => ({
      modalities: [
        { name: 'image', kind: 'image' as const },
        { name: 'audio', kind: 'vector' as const },
      ],
      load: never,
    }),
  }),
  definePiece({
    kind: 'encoder',
    id: 'mlp',
    description: 'any',
    facts: {},
    options: z.object({ hidden: z.array(z.int()).default([8]) }),
    create: never,
  }),
  definePiece({
    kind: 'encoder',
    id: 'around',
    description: 'wraps',
    facts: {},
    options: z.object({ encoder: choiceOf('encoder') }),
    create: ({ encoder }, context, resolver) => resolver.resolve(PIECES).make('encoder', encoder, context),
  }),
  definePiece({ kind: 'encoder', id: 'cnn', description: 'images', facts: { accepts: ['image'] }, options: z.object({}), create: never }),
  definePiece({ kind: 'fusion', id: 'concat', description: 'concat', facts: {}, options: z.object({}), create: never }),
  definePiece({
    kind: 'loss',
    id: 'cross-entropy',
    description: 'ce',
    facts: {},
    options: z.object({ smoothing: z.number().min(0).max(1).default(0) }),
    create: never,
  }),
  definePiece({
    kind: 'alignment',
    id: 'info-nce',
    description: 'nce',
    facts: { modalities: { min: 2 } },
    options: z.object({ temperature: z.number().positive().default(0.07) }),
    create: never,
  }),
  definePiece({ kind: 'alpha-scheduler', id: 'heuristic', description: 'h', facts: {}, options: z.object({}), create: never }),
  definePiece({
    kind: 'method',
    id: 'unimodal',
    description: 'u',
    facts: {},
    options: z.object({ modality: z.string() }),
    create: ({ modality }) => ({ selectModalities: () => [modality] }),
  }),
  definePiece({
    kind: 'method',
    id: 'pair',
    description: 'two only',
    facts: { modalities: { min: 2, max: 2 }, fusions: ['sum'] },
    options: z.object({}),
    create: () => ({}),
  }),
  definePiece({ kind: 'metric', id: 'accuracy', description: 'a', facts: {}, options: z.object({}), create: never }),
  definePiece({ kind: 'observer', id: 'jsonl', description: 'j', facts: {}, options: z.object({}), create: never }),
];
const modality = { name: 'image', kind: 'image', shape: [2, 2, 1] } as const;
const recipes = [
  { id: 'concat', description: 'concat' },
  { id: 'lfm-h', description: 'lfm', alignment: 'info-nce', alpha: 'heuristic' },
  { id: 'unimodal', description: 'each alone', expand: 'modality' },
];
let host: Host;
beforeAll(() => {
  host = new Host([definePlugin({ name: 'test', contractVersion: CONTRACT_VERSION, provides: pieces, recipes })]);
});

const base = { dataset: 'toy', encoders: { default: 'mlp' }, metrics: ['accuracy'], recipes: ['concat'] };
const resolve = (value: object, choices = {}) => resolveExperiment(host, ConfigSource.of(value), choices);
const failure = async (work: Promise<unknown>): Promise<EquimodalError> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof EquimodalError) return error;
    throw error;
  }
  throw new Error('it did not fail');
};
function fileOf(text: string, name = 'exp.yaml'): string {
  const file = join(mkdtempSync(join(tmpdir(), 'equimodal-config-')), name);
  writeFileSync(file, text);
  return file;
}

describe('resolveExperiment', () => {
  it('takes all metrics there are for "all"', async () => {
    const { metrics } = await resolve({ ...base, metrics: 'all' });
    expect(metrics.map(({ use }) => use)).toEqual(['accuracy']);
    const error = await failure(resolve({ ...base, metrics: 'al' }));
    expect(error.problems[0]!.message).toContain('expected "all", or');
  });

  it('fills in every default, so that the resolved config says all', async () => {
    const {
      recipes: [row],
      seeds,
    } = await resolve(base);
    expect(row).toMatchObject({
      id: 'concat',
      modalities: ['image', 'audio'],
      fusion: { use: 'concat' },
      losses: [{ use: 'cross-entropy', smoothing: 0, on: 'fused', weight: 1 }],
      alignment: null,
    });
    expect(row!.training).toMatchObject({
      epochs: 10,
      batchSize: 64,
      optimizer: { use: 'sgd', learningRate: 0.01, momentum: 0.9 },
      selection: 'validation',
    });
    expect(seeds).toEqual([0]);
  });

  it('expands a recipe to one row per modality', async () => {
    const { recipes: rows } = await resolve({ ...base, recipes: ['unimodal'] });
    expect(rows.map(({ id, modalities }) => [id, modalities])).toEqual([
      ['unimodal/image', ['image']],
      ['unimodal/audio', ['audio']],
    ]);
  });

  it('keeps chosen rows, adds known recipes, and picks one expanded row by name', async () => {
    const ids = async (wanted: string[]) =>
      (await resolve({ ...base, recipes: ['concat', 'unimodal'] }, { recipes: wanted })).recipes.map(({ id }) => id);
    expect(await ids(['concat'])).toEqual(['concat']);
    expect(await ids(['lfm-h'])).toEqual(['lfm-h']);
    expect(await ids(['unimodal/audio'])).toEqual(['unimodal/audio']);
    expect((await failure(ids(['lmf-h']))).problems[0]!.message).toContain('did you mean "lfm-h"');
  });

  it('names file, line and path of a mistake, and suggests', async () => {
    const file = fileOf('dataset: toy\nencoders: {default: mlp}\nmetrics: [accuracy]\ntraining:\n  epocs: 5\nrecipes:\n  - lfm-g\n');
    const error = await failure(resolveExperiment(host, ConfigSource.read(file)));
    expect(error.isUserError).toBe(true);
    const text = error.format();
    expect(text).toMatch(/exp\.yaml:5:3: training\.epocs: unknown option; did you mean "epochs"\?/);
    expect(text).not.toContain('lfm-g'); // settings first, rows once the settings are right
    const rows = fileOf(
      'dataset: toy\nencoders: {default: mlp}\nmetrics: [accuracy]\nrecipes:\n  - lfm-g\n  - {recipe: lfm-h, alignment: {use: info-nce, temprature: 1}}\n',
    );
    const second = (await failure(resolveExperiment(host, ConfigSource.read(rows)))).format();
    expect(second).toMatch(/exp\.yaml:5:\d+: recipes\[0\]: there is no recipe "lfm-g"; did you mean "lfm-h"\?/);
    expect(second).toMatch(/exp\.yaml:6:\d+: recipes\[1\]\.alignment\.temprature: unknown option; did you mean "temperature"\?/);
  });

  it('says what was expected and what was found', async () => {
    const error = await failure(resolve({ ...base, training: { epochs: 'ten' } }));
    expect(error.problems[0]!.message).toMatch(/^training\.epochs: expected \w+, got "ten" \(string\)$/);
    expect((await failure(resolve({ ...base, training: { optimizer: { use: 'sgdd' } } }))).code).toBe('EQM_CONFIG_INVALID');
  });

  it('refuses impossible combinations before any data is read', async () => {
    const code = async (recipe: object, encoders: object = { default: 'mlp' }) =>
      (await failure(resolve({ ...base, encoders, recipes: [{ as: 'row', ...recipe }] }))).code;
    expect(await code({}, { default: 'cnn' })).toBe('EQM_CONFIG_INCOMPATIBLE');
    expect(await code({ methods: ['pair'] })).toBe('EQM_CONFIG_INCOMPATIBLE');
    expect(await code({ alignment: 'info-nce' })).toBe('EQM_CONFIG_INCOMPATIBLE');
    expect(await code({ methods: [{ use: 'unimodal', modality: 'image' }], alignment: 'info-nce', alpha: 'heuristic' })).toBe(
      'EQM_CONFIG_INCOMPATIBLE',
    );
  });

  it('takes for every dataset a protocol, written out, and none that cannot be', async () => {
    const dataset = { use: 'toy', protocol: 'k-fold' };
    const resolved = await resolve({ ...base, dataset });
    const protocol = { use: 'k-fold', folds: 5, fold: 0, pool: 'all', by: 'auto', seed: 0 };
    expect(resolved.dataset).toEqual({ use: 'toy', size: 10, protocol });
    expect(datasetChosen(resolved.dataset)).toEqual({ use: 'toy', options: { size: 10 } });
    const wrong = async (changed: object) => (await failure(resolve({ ...base, dataset: { use: 'toy', protocol: changed } }))).format();
    expect(await wrong({ use: 'k-fold', folds: 3, fold: 3 })).toContain('dataset.protocol.fold');
    expect(await wrong({ use: 'published', fold: 1 })).toContain('dataset.protocol.fold: unknown option');
    expect(await wrong({ use: 'kfold' })).toContain('expected published or k-fold');
  });

  it('resolves a dataset alone, whatever the rest of the file', async () => {
    const alone = (value: object) => resolveDataset(host, ConfigSource.of(value));
    expect((await alone({ dataset: 'toy', recipes: 'nonsense' })).dataset).toEqual({ use: 'toy', size: 10 });
    expect((await failure(alone({ dataset: 'toi' }))).format()).toContain('did you mean "toy"');
    expect((await failure(alone({}))).code).toBe('EQM_CONFIG_INVALID');
  });

  it('takes for every encoder the weights it starts from and its learning rate, written out', async () => {
    const encoders = { image: { use: 'mlp', pretrained: 'a.safetensors', learningRate: 0.1 }, audio: 'mlp' };
    const [row] = (await resolve({ ...base, encoders })).recipes;
    expect(row!.encoders).toEqual({
      image: { use: 'mlp', hidden: [8], pretrained: { file: 'a.safetensors', prefix: '', skip: [] }, learningRate: { scale: 0.1 } },
      audio: { use: 'mlp', hidden: [8] },
    });
    expect(encoderChosen(row!.encoders['image']!)).toEqual({ use: 'mlp', options: { hidden: [8] } });
    const message = async (image: object) => {
      const error = await failure(resolve({ ...base, encoders: { image: { use: 'mlp', ...image }, audio: 'mlp' } }));
      expect(error.code).toBe('EQM_CONFIG_INVALID');
      return error.problems[0]!.message;
    };
    expect(await message({ pretraned: 'a' })).toBe('encoders.image.pretraned: unknown option; did you mean "pretrained"?');
    expect(await message({ pretrained: { file: 'a', prefx: '' } })).toContain('did you mean "prefix"');
    expect(await message({ pretrained: { file: 'a', sha256: 'abc' } })).toContain('64 hexadecimal digits');
    expect(await message({ learningRate: { scale: 1, layerDecay: 2 } })).toContain('encoders.image.learningRate.layerDecay');
  });

  it('checks a piece that an option names, and makes it', async () => {
    const inside = (encoder: unknown) => resolve({ ...base, encoders: { default: { use: 'around', encoder } } });
    const [row] = (await inside({ use: 'mlp', pretrained: 'a.safetensors' })).recipes;
    const choice = row!.encoders['image']!;
    expect(choice['encoder']).toEqual({ use: 'mlp', hidden: [8], pretrained: { file: 'a.safetensors', prefix: '', skip: [] } });
    expect(encoderChain(host, choice).map(({ use }) => use)).toEqual(['around', 'mlp']);
    const error = await failure(inside({ use: 'mlp', hiden: [2] }));
    expect(error.problems[0]!.message).toBe('encoders.default.encoder.hiden: unknown option; did you mean "hidden"?');
    expect((await failure(inside('mpl'))).code).toBe('EQM_CONFIG_UNKNOWN_ID');
    expect((await failure(inside('cnn'))).code).toBe('EQM_CONFIG_INCOMPATIBLE');
    const rate = await failure(inside({ use: 'mlp', learningRate: 0 }));
    expect(rate.problems[0]!.message).toContain('belongs to the encoder around it');
    const weights = await failure(resolve({ ...base, encoders: { default: { use: 'around', encoder: 'mlp', pretrained: 'a' } } }));
    expect(weights.problems[0]!.message).toContain('belongs to the encoder inside it');
    expect(() => host.create('encoder', { use: 'around', options: { encoder: { use: 'mlp', hidden: 2 } } }, { modality })).toThrow(
      expect.objectContaining({ code: 'EQM_CONFIG_INVALID', where: 'encoder "mlp"' }),
    );
    expect(() => host.create('encoder', encoderChosen(choice), { modality })).toThrow('not built when a config is checked');
  });

  it('reads overrides as YAML and blames the command line for them', async () => {
    const source = ConfigSource.of(base, { overrides: ['training.epochs=3', 'seeds=[4,5]', 'dataset.size=3'] });
    const {
      recipes: [row],
      seeds,
      dataset,
    } = await resolveExperiment(host, source);
    expect([row!.training.epochs, seeds, dataset['size']]).toEqual([3, [4, 5], 3]);
    const error = await failure(resolveExperiment(host, ConfigSource.of(base, { overrides: ['training.epochs=-1'] })));
    expect(error.problems[0]!.where).toBe('command line (--set training.epochs)');
    expect(() => ConfigSource.of(base, { overrides: ['nonsense'] })).toThrow(/path=value/);
  });

  it('takes the data of another file, and its own rows', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'equimodal-config-'));
    const [study, base, data] = ['study', 'base', 'data'].map((name) => join(dir, `${name}.yaml`)) as [string, string, string];
    writeFileSync(study, 'description: a study\ndataset: {use: nothing}\nencoders: {}\nrecipes: [concat]\nseeds: [7]\n');
    writeFileSync(base, 'training: {epochs: 7}\nseeds: [1, 2]\n');
    writeFileSync(data, 'extends: base.yaml\ndataset: {use: pairs}\nencoders: {default: wide}\nrecipes: [sum]\ntraining: {batchSize: 5}\n');
    const source = ConfigSource.read(study, ['training.batchSize=9'], data);
    expect(source.value).toEqual({
      name: 'study-data',
      description: 'a study',
      dataset: { use: 'pairs' },
      encoders: { default: 'wide' },
      recipes: ['concat'],
      seeds: [7],
      training: { epochs: 7, batchSize: 9 },
    });
    expect(source.locate(['dataset'])).toContain('data.yaml:2');
    expect(source.locate(['recipes'])).toContain('study.yaml:4');
    expect(() => ConfigSource.read(study, [], base)).toThrow('names no dataset');
  });

  it('extends another file and finds the place of inherited mistakes', async () => {
    const parent = fileOf(
      'dataset: toy\nencoders: {default: mlp}\nmetrics: [accuracy]\ntraining: {epochs: 2, batchSize: 0}\n',
      'base.yaml',
    );
    const child = join(parent, '..', 'child.yaml');
    writeFileSync(child, 'extends: base.yaml\ntraining: {epochs: 7}\nrecipes: [concat]\n');
    const error = await failure(resolveExperiment(host, ConfigSource.read(child)));
    expect(error.problems[0]!.where).toMatch(/base\.yaml:4:/);
    expect(() => ConfigSource.read(fileOf('a: [1, 2'))).toThrow(/not valid YAML/);
    expect(() => ConfigSource.read('/nowhere/x.yaml')).toThrow(/there is no file/);
  });
});

describe('merge', () => {
  it('joins maps, and replaces a piece whole when another is chosen', () => {
    expect(merge({ a: { x: 1, y: 2 } }, { a: { y: 3 } })).toEqual({ a: { x: 1, y: 3 } });
    expect(merge({ o: { use: 'sgd', momentum: 0.9 } }, { o: { use: 'adam' } })).toEqual({ o: { use: 'adam' } });
    expect(merge('info-nce', { temperature: 1 })).toEqual({ use: 'info-nce', temperature: 1 });
    expect(merge([1, { a: 1 }], { 1: { a: 2 } })).toEqual([1, { a: 2 }]);
  });
});

describe('a sweep', () => {
  const swept = (sweep: object, changes: object = {}) => resolve({ ...base, recipes: ['concat', 'lfm-h'], ...changes, sweep });
  const problems = async (sweep: object, changes?: object): Promise<string[]> =>
    (await failure(swept(sweep, changes))).problems.map(({ message }) => message);

  it('makes the trials of every row: settings over any path, whatever the file writes of it', async () => {
    const { sweep, seeds } = await swept(
      {
        search: 'grid',
        space: { 'training.optimizer.learningRate': [0.1, 0.2], 'losses[0].smoothing': [0.3], 'encoders.default.hidden': [[4]] },
        recipes: { 'lfm-h': { 'alignment.temperature': [0.5], 'encoders.audio.hidden': [[5]] } },
      },
      { seeds: [7, 8], training: { epochs: 3 } },
    );
    expect(seeds).toEqual([7, 8]);
    expect(sweep).toMatchObject({ search: 'grid', seeds: [7], metric: 'accuracy', goal: 'max' });
    const [concat, lfm] = sweep!.rows;
    expect(concat!.trials.map(({ config }) => [config.id, config.training.optimizer.learningRate])).toEqual([
      ['search/concat/trial-0', 0.1],
      ['search/concat/trial-1', 0.2],
    ]);
    const { config, point } = lfm!.trials[1]!;
    expect(config).toMatchObject({
      training: { epochs: 3, optimizer: { use: 'sgd', learningRate: 0.2, momentum: 0.9 } },
      losses: [{ use: 'cross-entropy', smoothing: 0.3 }],
      alignment: { use: 'info-nce', temperature: 0.5 },
      encoders: { image: { use: 'mlp', hidden: [4] }, audio: { use: 'mlp', hidden: [5] } },
    });
    expect(point['alignment.temperature']).toBe(0.5);
  });

  it('refuses unequal budgets, unless the file says that they are', async () => {
    const sweep = { search: 'grid', space: { 'training.epochs': [1, 2] }, recipes: { 'lfm-h': { 'alignment.temperature': [0.1, 0.2] } } };
    expect(await problems(sweep)).toEqual([expect.stringContaining('unequal numbers of trials (concat 2, lfm-h 4)')]);
    expect((await swept({ ...sweep, equalBudget: false })).sweep!.rows.map(({ trials }) => trials.length)).toEqual([2, 4]);
    expect(await problems({ trials: 2, recipes: { 'lfm-h': { 'alignment.temperature': [1] } } })).toEqual([
      expect.stringContaining('row "concat" has nothing to search'),
    ]);
  });

  it('says what is wrong with a path, a value, a row or the choice', async () => {
    const one = (path: string, values: unknown = [1], search = 'grid') => problems({ search, space: { [path]: values } });
    expect(await one('alignment.temperature')).toEqual([expect.stringContaining('row "concat" has no "alignment"')]);
    expect(await one('dataset.size')).toEqual([expect.stringContaining('"dataset" is nothing that a row can have'), expect.anything()]);
    expect((await one('training.epohcs'))[0]).toContain('did you mean "epochs"');
    expect((await one('training.epochs', [-1]))[0]).toContain('training.epochs');
    expect((await one('training.clipNorm', { from: 1, to: 2 }))[0]).toContain('"points"');
    expect((await one('training.clipNorm', { from: 1, to: 2 }, 'halton'))[0]).toContain('needs "trials"');
    expect(
      (await problems({ trials: 1, space: { 'training.epochs': [1] }, recipes: { 'lmf-h': { 'training.batchSize': [2] } } }))[0],
    ).toContain('"lfm-h"');
    expect((await problems({ trials: 1, space: { 'training.epochs': [1] } }, { training: { selection: 'legacy-test' } }))[0]).toContain(
      'selects on test',
    );
  });
});
