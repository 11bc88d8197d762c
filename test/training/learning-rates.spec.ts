import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine, EquimodalError } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { readCheckpoint, RunFolder } from '@equimodal/training';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trainToy, type Toy } from './support.js';

const base = mkdtempSync(join(tmpdir(), 'equimodal-rates-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
let engine: Engine;
beforeAll(async () => {
  engine = await startTestEngine();
});

let count = 0;
/** Trains and returns the parameters at the end; an `mlp` for each modality. */
async function paramsAfter(epochs: number, toy: Toy = {}): Promise<Record<string, number[]>> {
  const folder = toy.request?.folder ?? new RunFolder(join(base, `${count++}`));
  await trainToy(engine, {
    ...toy,
    training: {
      epochs,
      batchSize: 12,
      selection: 'last',
      optimizer: { use: 'sgd', learningRate: 0.1, weightDecay: 0.01 },
      ...toy.training,
    },
    request: { ...toy.request, folder },
  });
  const { trees } = readCheckpoint(folder.latest);
  return Object.fromEntries(Object.entries(trees['params']!).map(([path, leaf]) => [path, [...leaf.dataSync()]]));
}
const mlp = { use: 'mlp', hidden: [6], features: 4 };
const failure = async (work: Promise<unknown>): Promise<EquimodalError> =>
  (await work.then(
    () => expect.fail('it did not fail'),
    (reason: unknown) => reason,
  )) as EquimodalError;

describe('learning rates by path', () => {
  it.each([
    ['sgd', { use: 'sgd', learningRate: 0.1, weightDecay: 0.01 }],
    ['adamw', { use: 'adamw', learningRate: 0.01, weightDecay: 0.1 }],
  ])('leave what has a scale of 0 bit-equal, weight decay and captured steps included: %s', async (_name, optimizer) => {
    const frozen = { audio: { ...mlp, learningRate: 0 }, image: mlp };
    // Ten epochs of four steps: enough that an engine which captures does so.
    const [start, end] = [
      await paramsAfter(1, { encoders: frozen, training: { optimizer } }),
      await paramsAfter(10, { encoders: frozen, training: { optimizer } }),
    ];
    for (const path of Object.keys(start)) {
      if (path.startsWith('encoders/audio/')) expect(end[path], path).toEqual(start[path]);
      else if (path.endsWith('kernel')) expect(end[path], path).not.toEqual(start[path]);
    }
  });

  it('let the longest prefix decide, whoever gives it', async () => {
    const encoders = { audio: { ...mlp, learningRate: 0 }, image: mlp };
    const learningRates = [
      { path: 'encoders', scale: 0 },
      { path: 'encoders/audio/projection', scale: 1 },
      { path: 'fusion', scale: 0 },
    ];
    const [plain, start] = [
      await paramsAfter(1, {
        encoders,
        training: {
          learningRates: [
            { path: 'encoders', scale: 0 },
            { path: 'fusion', scale: 0 },
          ],
        },
      }),
      await paramsAfter(1, { encoders, training: { learningRates } }),
    ];
    const moved = Object.keys(start).filter((path) => start[path]!.join() !== plain[path]!.join());
    expect([...new Set(moved.map((path) => path.split('/').slice(0, 3).join('/')))]).toEqual(['encoders/audio/projection']);
  });

  it('are those of a run whose rate is as much smaller', async () => {
    const encoders = { default: mlp };
    const all = await paramsAfter(2, {
      encoders,
      training: {
        learningRates: [
          { path: 'encoders', scale: 0.5 },
          { path: 'fusion', scale: 0.5 },
        ],
      },
    });
    const smaller = await paramsAfter(2, { encoders, training: { optimizer: { use: 'sgd', learningRate: 0.05, weightDecay: 0.01 } } });
    for (const [path, values] of Object.entries(all))
      for (const [i, value] of values.entries()) expect(value, path).toBeCloseTo(smaller[path]![i]!, 5);
  });

  it('survive an interruption bit by bit', async () => {
    const encoders = { default: { ...mlp, learningRate: 0.1 } };
    const whole = await paramsAfter(3, { encoders });
    const folder = new RunFolder(join(base, 'interrupted'));
    const abort = new AbortController();
    await paramsAfter(3, {
      encoders,
      request: {
        folder,
        abort: abort.signal,
        attach: (bus) => void bus.on('step.completed').subscribe(({ epoch, step }) => epoch === 1 && step === 1 && abort.abort()),
      },
    });
    expect(await paramsAfter(3, { encoders, request: { folder, resume: true } })).toEqual(whole);
  });

  it('refuse what means nothing', async () => {
    const rates = (...learningRates: object[]) => failure(trainToy(engine, { training: { learningRates } }));
    const typo = await rates({ path: 'encoders/audo', scale: 1 });
    expect(typo).toMatchObject({ code: 'EQM_CONFIG_INVALID', where: 'training.learningRates[0].path' });
    expect(typo.message).toContain('did you mean "encoders/audio"');
    expect((await rates({ path: 'fusion', scale: 1 }, { path: 'fusion', scale: 2 })).message).toContain('twice');
    expect((await rates({ path: 'fus', scale: 1 })).code).toBe('EQM_CONFIG_INVALID');
    expect((await failure(trainToy(engine, { encoders: { default: { ...mlp, learningRate: { layerDecay: 0.5 } } } }))).code).toBe(
      'EQM_CONFIG_INCOMPATIBLE',
    );
    expect((await failure(trainToy(engine, { encoders: { default: { ...mlp, learningRate: -1 } } }))).code).toBe('EQM_CONFIG_INVALID');
  });

  it('may name a modality that a row does not use', async () => {
    const recipe = { methods: [{ use: 'unimodal', modality: 'image' }] };
    const { result } = await trainToy(engine, { recipe, training: { epochs: 1, learningRates: [{ path: 'encoders/audio', scale: 0 }] } });
    expect(result.status).toBe('completed');
  });
});
