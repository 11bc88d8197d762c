import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { WeightFile } from '@equimodal/weights';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtInHost, exportRun, openExperiment, Predictor, train, type Engine, type Trained } from '../index.js';

const experiment = {
  dataset: { use: 'synthetic-av', train: 200, validation: 60, test: 60 },
  encoders: { default: { use: 'mlp', hidden: [8], features: 6, batchNorm: true } },
  training: { epochs: 3, batchSize: 50 },
  recipes: ['concat'],
};
const out = mkdtempSync(join(tmpdir(), 'equimodal-predict-'));
const exported = join(out, 'model');
afterAll(() => rmSync(out, { recursive: true, force: true }));

describe('a trained model', () => {
  let run: Trained;
  let engine: Engine;
  beforeAll(async () => {
    run = await train(experiment, { out });
    ({ engine } = await openExperiment(experiment));
    await exportRun(run.folder!, exported, { host: builtInHost(), engine });
  });
  const opened = (dir: string): Promise<Predictor> => Predictor.open(dir, { host: builtInHost(), engine });

  it('is exported as safetensors with what it is made of and a model card', () => {
    const file = WeightFile.open(join(exported, 'model.safetensors'));
    expect([...file.tensors.keys()].filter((name) => name.startsWith('params/fusion/')).length).toBeGreaterThan(0);
    expect([...file.tensors.keys()].filter((name) => name.startsWith('state/encoders/')).length).toBeGreaterThan(0);
    file.close();
    const card = readFileSync(join(exported, 'README.md'), 'utf8');
    expect(card).toMatch(/^---\nlibrary_name: equimodal\n/);
    expect(card).toContain(`| accuracy | ${run.metrics!.validation!.accuracy!.toFixed(4)} | ${run.metrics!.test.accuracy!.toFixed(4)} |`);
  });

  it.each([
    ['the run folder', () => run.folder!],
    ['the export', () => exported],
  ])('predicts from %s what the run scored, and leaves no tensor', async (_what, dir) => {
    const { dataset } = await openExperiment(experiment);
    const before = tf.memory().numTensors;
    const predictor = await opened(dir());
    const { predicted, probabilities, classes } = await predictor.predictSplit(dataset.splits.test);
    await predictor.dispose();
    expect(tf.memory().numTensors).toBe(before);
    const right = predicted.filter((label, row) => label === dataset.splits.test.labels[row]).length;
    expect(right / predicted.length).toBeCloseTo(run.metrics!.test.accuracy!, 6);
    expect(probabilities.length).toBe(predicted.length * classes.length);
  });

  it('predicts samples that are handed over, flat or nested', async () => {
    const { dataset } = await openExperiment(experiment);
    const rows = Int32Array.from([0, 1, 2]);
    const arrays = await dataset.splits.test.read(rows);
    const predictor = await opened(exported);
    const all = await predictor.predictSplit(dataset.splits.test);
    const three = await predictor.predict(arrays);
    const nested = Object.fromEntries(
      dataset.modalities.map(({ name, shape }) => {
        const tensor = tf.tensor(arrays[name]!, [3, ...shape]);
        const list = tensor.arraySync() as unknown as readonly unknown[];
        tensor.dispose();
        return [name, list];
      }),
    );
    expect((await predictor.predict(nested)).probabilities).toEqual(three.probabilities);
    for (const [i, value] of three.probabilities.entries()) expect(value).toBeCloseTo(all.probabilities[i]!, 5);

    const [first, second] = dataset.modalities.map(({ name }) => name) as [string, string];
    const refused = (samples: object, message: RegExp) =>
      expect(predictor.predict(samples as never)).rejects.toMatchObject({
        code: 'EQM_DATA_MALFORMED',
        message: expect.stringMatching(message) as string,
      });
    await refused({ [first]: arrays[first]! }, new RegExp(`no samples of modality "${second}"`));
    await refused({ ...arrays, [first]: [1, 2, 3] }, /has 3 numbers; expected samples of/);
    await refused({ ...arrays, [first]: arrays[first]!.slice(0, arrays[first]!.length / 3) }, /1 \(.*3 \(.*samples/);
    await refused({ ...arrays, [first]: arrays[first]!.map((value, i) => (i === 0 ? NaN : value)) }, /not a finite number/);
    await predictor.dispose();
  });

  it('is refused where there is none, or its weights are damaged', async () => {
    await expect(opened(out)).rejects.toMatchObject({ code: 'EQM_RUN_MISSING' });
    const damaged = join(out, 'damaged');
    await exportRun(run.folder!, damaged, { host: builtInHost(), engine });
    truncateSync(join(damaged, 'model.safetensors'), 2000);
    await expect(opened(damaged)).rejects.toMatchObject({ code: 'EQM_CHECKPOINT_CORRUPT' });
    expect(existsSync(join(exported, 'model.json'))).toBe(true);
  });
});
