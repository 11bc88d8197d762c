import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { EquimodalError, type Engine, type LoadedDataset, type Method, type Split } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { toyDataset } from '@equimodal/testing';
import { readCheckpoint, readPredictions, RunFolder } from '@equimodal/training';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostWith, MODALITIES, trainToy, type Toy } from './support.js';

let engine: Engine;
const base = mkdtempSync(join(tmpdir(), 'equimodal-runs-'));
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

const lfm = { alignment: 'info-nce', alpha: 'heuristic' };
const tensorsOf = (file: string): Record<string, number[]> => {
  const { trees } = readCheckpoint(file);
  const out: Record<string, number[]> = {};
  for (const [name, tree] of Object.entries(trees)) {
    for (const [path, leaf] of Object.entries(tree)) {
      out[`${name}/${path}`] = [...leaf.dataSync()];
      leaf.dispose();
    }
  }
  return out;
};
const failure = async (work: Promise<unknown>): Promise<EquimodalError> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EquimodalError);
  return error as EquimodalError;
};

describe('a run', () => {
  it('repeats bit by bit under a seed, and differs under another', async () => {
    const totals = async (seed: number) =>
      (await trainToy(engine, { seed, recipe: lfm })).signals.flatMap((signal) => (signal.type === 'step.completed' ? [signal.total] : []));
    expect(await totals(1)).toEqual(await totals(1));
    expect(await totals(1)).not.toEqual(await totals(2));
  });

  it('interrupted in the middle of an epoch and resumed, ends with the same tensors and figures as one that was not', async () => {
    const rows: Toy = {
      recipe: { ...lfm, methods: ['ogm-ge'] },
      training: { epochs: 3, batchSize: 16, schedule: { use: 'plateau', patience: 0 } },
    };
    const whole = new RunFolder(join(base, 'whole'));
    const { result } = await trainToy(engine, { ...rows, request: { folder: whole } });
    const broken = new RunFolder(join(base, 'broken'));
    const abort = new AbortController();
    const first = await trainToy(engine, {
      ...rows,
      request: {
        folder: broken,
        abort: abort.signal,
        attach: (bus) => void bus.on('step.completed').subscribe(({ epoch, step }) => epoch === 1 && step === 1 && abort.abort()),
      },
    });
    expect(first.result.status).toBe('interrupted');
    const second = await trainToy(engine, { ...rows, request: { folder: broken, resume: true } });
    expect(second.result.metrics).toEqual(result.metrics);
    expect(tensorsOf(broken.latest)).toEqual(tensorsOf(whole.latest));
    const started = second.signals.find((signal) => signal.type === 'run.started')!;
    expect(started).toMatchObject({ resumedAtStep: 5 });
    const predictions = readPredictions(broken.predictions)!;
    expect(predictions).toEqual(readPredictions(whole.predictions));
    const right = predictions.predicted.filter((label, row) => label === predictions.labels[row]).length;
    expect(right / predictions.labels.length).toBe(result.metrics!.test.accuracy);
  });

  it('keeps the number of tensors: as many after 1,000 steps as after 10', async () => {
    const counts: Record<number, number> = {};
    let step = 0;
    await trainToy(engine, {
      recipe: { ...lfm, methods: ['ogm-ge'] },
      training: { epochs: 340, batchSize: 16, measureGradients: 'epoch', selection: 'last' },
      request: {
        attach: (bus) =>
          void bus.on('step.completed').subscribe(() => {
            step++;
            counts[step] = tf.memory().numTensors;
          }),
      },
    });
    expect(step).toBeGreaterThan(1000);
    expect(counts[1000]).toBe(counts[10]);
  });

  it('selects on validation and scores test once; legacy-test says so', async () => {
    const reads = { test: 0 };
    const counting = (data: LoadedDataset): LoadedDataset => {
      const test: Split = {
        ...data.splits.test,
        read: (rows, random) => ((reads.test += rows.length), data.splits.test.read(rows, random)),
      };
      return { ...data, splits: { ...data.splits, test } };
    };
    const { result } = await trainToy(engine, { dataset: counting(toyDataset(MODALITIES)), training: { epochs: 4 } });
    expect(reads.test).toBe(48);
    expect(result.metrics).toMatchObject({ selection: 'validation', epochs: 4 });
    reads.test = 0;
    const legacy = await trainToy(engine, { dataset: counting(toyDataset(MODALITIES)), training: { epochs: 4, selection: 'legacy-test' } });
    expect(reads.test).toBe(5 * 48);
    expect(legacy.result.metrics!.selection).toBe('legacy-test');
  });

  it('lets a method snapshot and restore, and keeps snapshots in checkpoints', async () => {
    const folder = new RunFolder(join(base, 'snapshots'));
    let first: number[] = [];
    let restored: number[] = [];
    const method: Method = {
      epochEnd: ({ epoch, snapshot, restore }) => {
        if (epoch === 0) snapshot('early');
        if (epoch === 1) restore('early');
        return undefined;
      },
      epochStart: ({ epoch, params }) => {
        const kernel = [
          ...params[
            'fusion/kernel' in params ? 'fusion/kernel' : Object.keys(params).find((path) => path.startsWith('fusion/'))!
          ]!.dataSync(),
        ];
        if (epoch === 1) first = kernel;
        if (epoch === 2) restored = kernel;
        return undefined;
      },
    };
    await trainToy(engine, {
      host: hostWith({ snap: () => method }),
      recipe: { methods: ['snap'] },
      training: { epochs: 3 },
      request: { folder },
    });
    expect(restored).toEqual(first);
    expect(Object.keys(tensorsOf(folder.latest)).some((path) => path.startsWith('snapshot:method%2Fsnap%2Fearly:params/'))).toBe(true);
  });
});

describe('bad luck', () => {
  it('stops at a NaN loss with step, term and modality named, and keeps the last good checkpoint', async () => {
    const folder = new RunFolder(join(base, 'diverged'));
    const data = toyDataset(MODALITIES);
    let reads = 0;
    const train: Split = {
      ...data.splits.train,
      read: async (rows, random) => {
        const arrays = await data.splits.train.read(rows, random);
        if (reads++ === 4) (arrays['image'] as Float32Array)[3] = NaN; // the second epoch
        return arrays;
      },
    };
    const dataset = { ...data, splits: { ...data.splits, train } };
    const before = tf.memory().numTensors;
    const error = await failure(trainToy(engine, { dataset, recipe: lfm, request: { folder } }));
    expect(error.code).toBe('EQM_TRAIN_DIVERGED');
    expect(error.format()).toMatch(/step 1 of epoch 1.*"image"/s);
    expect(error.format()).toMatch(/term "(fused|alignment)"/);
    expect(tf.memory().numTensors).toBe(before);
    expect(existsSync(folder.latest)).toBe(true);
    expect(Object.keys(tensorsOf(folder.latest)).length).toBeGreaterThan(0);
  });

  it('refuses a corrupt, truncated or foreign checkpoint by name and leaves it alone', async () => {
    const folder = new RunFolder(join(base, 'corrupt'));
    await trainToy(engine, { request: { folder } });
    const bytes = readFileSync(folder.latest);
    const tryWith = async (change: () => void): Promise<EquimodalError> => {
      change();
      const content = readFileSync(folder.latest);
      const error = await failure(trainToy(engine, { request: { folder, resume: true } }));
      expect(readFileSync(folder.latest).equals(content)).toBe(true);
      expect(error.where).toBe(folder.latest);
      return error;
    };
    const flipped = Buffer.from(bytes);
    flipped[flipped.length - 5]! ^= 1;
    expect((await tryWith(() => writeFileSync(folder.latest, flipped))).code).toBe('EQM_CHECKPOINT_CORRUPT');
    expect((await tryWith(() => truncateSync(folder.latest, 100))).code).toBe('EQM_CHECKPOINT_CORRUPT');
    expect((await tryWith(() => writeFileSync(folder.latest, ''))).code).toBe('EQM_CHECKPOINT_CORRUPT');
    writeFileSync(folder.latest, bytes);
    const other = await failure(
      trainToy(engine, { encoders: { default: { use: 'mlp', hidden: [5] } }, request: { folder, resume: true } }),
    );
    expect(other.code).toBe('EQM_CHECKPOINT_MISMATCH');
  });

  it('refuses "selection: validation" without a validation split, before the first step', async () => {
    const { validation, ...splits } = toyDataset(MODALITIES).splits;
    expect(validation).toBeDefined();
    const dataset = { ...toyDataset(MODALITIES), splits };
    const error = await failure(trainToy(engine, { dataset, training: { validationFraction: 0 } }));
    expect(error.code).toBe('EQM_DATA_SPLIT');
  });
});
