import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bufferCount, map } from 'rxjs';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { definePiece, train, type RunControls } from '../index.js';

const experiment = {
  dataset: { use: 'synthetic-av', train: 200, validation: 60, test: 60 },
  encoders: { default: { use: 'mlp', hidden: [8], features: 6 } },
  training: { epochs: 3, batchSize: 50 },
  recipes: ['concat', 'lfm-h'],
};
const out = mkdtempSync(join(tmpdir(), 'equimodal-train-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));

describe('train', () => {
  it('trains the first row, in memory', async () => {
    const { status, recipe, metrics, folder } = await train(experiment);
    expect([status, recipe.id, folder]).toEqual(['completed', 'concat', null]);
    expect(metrics?.test.accuracy).toBeGreaterThan(0.1);
  });

  it('gives signals to RxJS operators', async () => {
    const seen: number[] = [];
    await train(experiment, {
      recipe: 'lfm-h',
      attach: (signals) =>
        signals
          .on('step.completed')
          .pipe(
            map(({ step }) => step),
            bufferCount(4),
          )
          .subscribe((steps) => seen.push(steps.length)),
    });
    expect(seen).toEqual([4, 4, 4]);
  });

  it('takes a stop and another alpha from outside', async () => {
    const alphas: number[] = [];
    let controls: RunControls | undefined;
    const { status, metrics } = await train(experiment, {
      recipe: 'lfm-h',
      set: ['training.epochs=9'],
      attach(signals, given) {
        controls = given;
        signals.on('epoch.started').subscribe(({ epoch }) => epoch === 1 && controls!.setAlpha(0.25, 'test'));
        signals.on('epoch.completed').subscribe(({ epoch }) => epoch === 1 && controls!.stop('enough', 'test'));
        signals.on('step.completed').subscribe(({ alpha }) => alphas.push(alpha ?? NaN));
      },
    });
    expect(status).toBe('stopped');
    expect(metrics?.epochs).toBeLessThan(9);
    expect(alphas).toContain(0.25);
  });

  it('swaps a piece for one of the program', async () => {
    const quarter = definePiece({
      kind: 'alpha-scheduler',
      id: 'quarter',
      description: 'A quarter in every epoch.',
      facts: {},
      options: z.object({}),
      create: () => ({ initial: 0.25, update: () => ({ alpha: 0.25 }) }),
    });
    const { recipe, metrics } = await train(
      { ...experiment, recipes: [{ recipe: 'lfm-h', fusion: 'gated', alpha: 'quarter' }] },
      { pieces: [quarter] },
    );
    expect([recipe.alpha?.use, recipe.fusion.use]).toEqual(['quarter', 'gated']);
    expect(metrics?.epochs).toBe(3);
  });

  it('writes a run folder, and takes it up again', async () => {
    const first = await train(experiment, { out, seed: 3 });
    expect(first.folder).toBe(join(out, 'experiment', 'concat', 'seed-3'));
    const again = await train(experiment, { out, seed: 3, resume: true });
    expect(again.status).toBe('reused');
    expect(again.metrics).toEqual(first.metrics);
  });

  it('says what is wrong before anything is read', async () => {
    await expect(train({ ...experiment, recipes: ['lfm-x'] })).rejects.toMatchObject({ code: 'EQM_CONFIG_UNKNOWN_ID' });
  });
});
