import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Engine, LoadedDataset, Method, ModalitySpec, Split } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { toyDataset } from '@equimodal/testing';
import { evaluateRun, featureFolder, readCheckpoint, RunFolder } from '@equimodal/training';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hostWith, trainToy, type Toy } from './support.js';

const base = mkdtempSync(join(tmpdir(), 'equimodal-frozen-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
let engine: Engine;
beforeAll(async () => {
  engine = await startTestEngine();
  copyFileSync(fileURLToPath(new URL('fixtures/resnet18.safetensors', import.meta.url)), join(base, 'resnet18.safetensors'));
});
// After the engine has been found: it lies in the same folder.
beforeEach(() => {
  process.env['EQUIMODAL_CACHE'] = mkdtempSync(join(base, 'cache-'));
});

const IMAGES: readonly ModalitySpec[] = ['audio', 'image'].map((name) => ({ name, kind: 'image', shape: [32, 32, 1] }));
const images: LoadedDataset = toyDataset(IMAGES, { size: 24, noise: 1 });
const places = { baseDir: base };
const kept = (): string[] => (existsSync(featureFolder()) ? readdirSync(featureFolder()) : []);
const backbone = { use: 'resnet18', width: 2, pretrained: 'resnet18.safetensors' };

const run = (frozen: object = {}, toy: Toy = {}) =>
  trainToy(engine, {
    dataset: images,
    ...toy,
    training: { epochs: 2, batchSize: 12, evaluationBatchSize: 16, ...toy.training },
    encoders: { audio: { use: 'mlp', hidden: [4], features: 4 }, image: { use: 'frozen', encoder: backbone, ...frozen } },
    request: { places, ...toy.request },
  });
type Outcome = Awaited<ReturnType<typeof run>>;
const losses = ({ signals }: Outcome): number[] => signals.flatMap((signal) => (signal.type === 'step.completed' ? [signal.total] : []));
const warnings = ({ signals }: Outcome): string[] =>
  signals.flatMap((signal) => (signal.type === 'warning' && signal.source === 'frozen' ? [signal.message] : []));
/** A dataset that says its images are augmented, so that nothing is computed before training. */
const told = (augmented: boolean): LoadedDataset => ({
  ...images,
  modalities: IMAGES.map((spec) => (spec.name === 'image' ? { ...spec, augmented } : spec)),
});

describe('a frozen encoder', () => {
  it('gives the same training as one that is applied in every step, and takes no part in it', async () => {
    const folder = new RunFolder(join(base, 'once'));
    const once = await run({}, { request: { folder } });
    const everyStep = await run({}, { dataset: told(true) });
    expect(losses(once)).toHaveLength(4);
    for (const [i, loss] of losses(once).entries()) expect(loss).toBeCloseTo(losses(everyStep)[i]!, 4);
    expect(once.result.metrics!.test.loss).toBeCloseTo(everyStep.result.metrics!.test.loss!, 4);
    expect(everyStep.result.parameters).toBe(once.result.parameters);
    expect(warnings(everyStep)).toEqual([expect.stringContaining('is applied in every step')]);
    const { trees } = readCheckpoint(folder.latest);
    expect(Object.keys({ ...trees['params'], ...trees['state'], ...trees['optimizer'] }).filter((path) => path.includes('image'))).toEqual(
      [],
    );
    expect(once.result.frozen).toMatchObject([{ modality: 'image', features: 'computed', samples: 72 }]);
    expect(once.result.pretrained).toMatchObject([{ modality: 'image', loaded: 100 }]);
  });

  it('shows what is absent as the encoder would: features of zeros', async () => {
    const method: Method = {
      logits: (context) => context.report('alone', tf.sum(context.forward(new Set(['audio'])).logits)) as undefined,
    };
    const alone = async (dataset: LoadedDataset) => {
      const { signals } = await run({}, { dataset, host: hostWith({ look: () => method }), recipe: { methods: ['look'] } });
      return signals.flatMap((signal) => (signal.type === 'step.completed' ? [signal.reports['look/alone']!] : []));
    };
    const [before, inStep] = [await alone(images), await alone(told(true))];
    for (const [i, value] of before.entries()) expect(value).toBeCloseTo(inStep[i]!, 3);
  });

  it('is read from the cache by later runs, rows and seeds, with the same bits', async () => {
    const first = await run();
    expect(kept()).toHaveLength(1);
    const second = await run();
    expect(second.result.frozen).toMatchObject([{ features: 'cache', file: join(featureFolder(), kept()[0]!) }]);
    expect(losses(second)).toEqual(losses(first));
    expect((await run({}, { seed: 2, recipe: { fusion: 'sum' } })).result.frozen[0]!.features).toBe('cache');
    expect(kept()).toHaveLength(1);
  });

  it('is computed anew for other weights, options or data', async () => {
    await run();
    await run({ encoder: { ...backbone, pretrained: { file: 'resnet18.safetensors', skip: ['conv1'] } } });
    await run({ encoder: { ...backbone, stem: 'small', pretrained: { file: 'resnet18.safetensors', skip: ['conv1'] } } });
    await run({}, { dataset: { ...images, fingerprint: 'other' } });
    expect(kept()).toHaveLength(4);
  });

  it.each<[string, (bytes: Buffer) => Buffer]>([
    ['truncated', (bytes) => bytes.subarray(0, bytes.length - 100)],
    ['changed', (bytes) => ((bytes[bytes.length - 5]! ^= 1), bytes)],
    ['no features at all', () => Buffer.from('nothing')],
  ])('is computed again, with a warning, where the file is %s', async (_what, damage) => {
    const first = await run();
    const file = join(featureFolder(), kept()[0]!);
    const whole = readFileSync(file);
    writeFileSync(file, damage(Buffer.from(whole)));
    const second = await run();
    expect(second.result.frozen[0]!.features).toBe('computed');
    expect(warnings(second)).toEqual([expect.stringContaining('is damaged')]);
    expect(losses(second)).toEqual(losses(first));
    expect(readFileSync(file).equals(whole)).toBe(true);
  });

  it('is not kept if the options say so, or if it cannot be', async () => {
    expect((await run({ cache: false })).result.frozen).toMatchObject([{ features: 'computed', file: null }]);
    expect(kept()).toEqual([]);
    writeFileSync(featureFolder(), 'in the way');
    const outcome = await run();
    expect(outcome.result.frozen).toMatchObject([{ features: 'computed', file: null }]);
    expect(warnings(outcome)).toEqual([expect.stringContaining('could not be kept')]);
  });

  it('is left in the steps where the data are augmented, and stays as it is', async () => {
    const train: Split = {
      ...images.splits.train,
      read: (rows, random) => {
        random?.uniform();
        return images.splits.train.read(rows, random);
      },
    };
    const augmented = { ...images, splits: { ...images.splits, train } };
    const folder = new RunFolder(join(base, 'augmented'));
    const outcome = await run({}, { dataset: augmented, request: { folder } });
    expect(warnings(outcome)[0]).toContain('draws random numbers');
    expect(outcome.result.frozen).toEqual([]);
    expect(kept()).toEqual([]);
    const { trees } = readCheckpoint(folder.latest);
    expect(Object.keys(trees['params']!).some((path) => path.startsWith('encoders/image/'))).toBe(false);
    const again = await run({}, { dataset: augmented, training: { epochs: 1 }, request: { folder: new RunFolder(join(base, 'shorter')) } });
    expect(again.result.status).toBe('completed');
    const other = readCheckpoint(join(base, 'shorter', 'checkpoints', 'latest.safetensors')).trees['state']!;
    for (const [path, leaf] of Object.entries(trees['state']!)) expect([...leaf.dataSync()], path).toEqual([...other[path]!.dataSync()]);
    // A dataset that knows its augmentation is of another modality says so.
    const elsewhere = { ...told(false), splits: augmented.splits };
    expect((await run({}, { dataset: elsewhere })).result.frozen).toHaveLength(1);
  });

  it('is evaluated again from a checkpoint, without the cache too; leaves no tensor', async () => {
    const before = tf.memory().numTensors;
    const folder = new RunFolder(join(base, 'evaluated'));
    const host = hostWith();
    const { result, request } = await run({}, { host, request: { folder } });
    rmSync(featureFolder(), { recursive: true });
    const { recipe, metrics } = request;
    expect(await evaluateRun({ host, engine, recipe, seed: 1, dataset: images, metrics, folder, places })).toEqual(result.metrics);
    expect(kept()).toHaveLength(1);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('has no learning rate', async () => {
    const error: unknown = await run({ learningRate: 0.1 }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'EQM_CONFIG_INCOMPATIBLE', where: 'encoders.image.learningRate' });
  });
});
