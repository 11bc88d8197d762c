import { startTestEngine } from '@equimodal/engine';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { contextOf, expectNumbers } from '../fixture/context.fixture.js';
import { epochOf } from '../fixture/epoch.fixture.js';
import { mses } from './mses.js';
import { UNWATCHED, watched, type Watch } from './patience.js';

const RUN = { modalities: ['audio', 'visual'], featureSizes: { audio: 2, visual: 2 }, classes: 3, epochs: 10 };
const LOSSES = [1, 0.8, 0.7, 0.75, 0.9, 1, 1.1];
const PATHS = ['encoders/audio/kernel', 'encoders/visual/kernel', 'fusion/heads/audio/bias', 'fusion/heads/visual/bias'];
const params = () => Object.fromEntries(PATHS.map((path) => [path, tf.tensor1d([1])]));

describe('watched', () => {
  it('smooths over two epochs, and runs out of patience at the end of the seventh', () => {
    let watch: Watch = UNWATCHED;
    const seen = LOSSES.map((loss, epoch) => {
      const next = watched(watch, loss, epoch, 2);
      ({ watch } = next);
      return { improved: next.improved, exhausted: next.exhausted, best: next.watch.best };
    });
    expect(seen.map(({ best }) => Number(best.toFixed(6)))).toEqual([1, 0.92, 0.76, 0.72, 0.72, 0.72, 0.72]);
    expect(seen.map(({ improved }) => improved)).toEqual([true, true, true, true, false, false, false]);
    expect(seen.map(({ exhausted }) => exhausted)).toEqual([false, false, false, false, false, false, true]);
  });
});

describe('mses', () => {
  beforeAll(async () => {
    await startTestEngine();
  });
  const play = async (form: 'multitask' | 'released', epochs: number) => {
    const method = mses({ patience: 2, form }, RUN);
    const outcomes = [];
    for (const [epoch, loss] of LOSSES.slice(0, epochs).entries()) {
      const perModality = { audio: { loss }, visual: { loss: 1 - 0.1 * epoch } };
      const { context, done } = epochOf({ epoch, params: params(), validation: { perModality } });
      outcomes.push({ decision: await method.epochEnd!(context), done });
    }
    return { method, outcomes };
  };

  it('takes a modality back to its best epoch, by its own parts, and names it', async () => {
    const { outcomes } = await play('multitask', 7);
    expect(outcomes.map(({ decision }) => decision!.phase)).toEqual(['', '', '', '', '', '', 'stopped audio']);
    expect(outcomes[6]!.done).toEqual(['restore best/audio encoders/audio/kernel fusion/heads/audio/bias', 'snapshot best/visual']);
    expect(outcomes[3]!.done).toEqual(['snapshot best/audio', 'snapshot best/visual']);
  });

  it('freezes what has stopped: no update, no momentum, no weight decay', () => {
    const { context } = contextOf({ phase: 'stopped audio' });
    const { frozen } = mses({ patience: 2, form: 'multitask' }, RUN).update!({ ...context, paths: PATHS })!;
    expect(PATHS.map((path) => frozen!(path))).toEqual([true, false, true, false]);
    expect(mses({ patience: 2, form: 'multitask' }, RUN).update!({ ...contextOf().context, paths: PATHS })).toBeUndefined();
  });

  it('adds unimodal losses to the fused one', () => {
    const terms = [{ name: 'fused', kind: 'classification' as const, value: tf.scalar(1), weight: 1 }];
    const out = mses({ patience: 2, form: 'multitask' }, RUN).losses!(contextOf({ terms }).context)!;
    expect(out.map(({ name }) => name)).toEqual(['fused', 'unimodal/audio', 'unimodal/visual']);
  });

  it('rewinds everything and zeroes gradients in the released form', async () => {
    const { method, outcomes } = await play('released', 7);
    expect(outcomes[6]!.done[0]).toBe('restore best/audio all');
    const gradients = Object.fromEntries(PATHS.map((path) => [path, tf.tensor1d([2])]));
    const out = method.gradients!(contextOf({ gradients, phase: 'stopped audio' }).context)!;
    expectNumbers(tf.concat(PATHS.map((path) => out[path]!)), [0, 2, 0, 2]);
    expect(method.losses).toBeUndefined();
  });

  it('goes on from a checkpoint, and ends the run when all have stopped', async () => {
    const { method } = await play('multitask', 7);
    const other = mses({ patience: 2, form: 'multitask' }, RUN);
    other.restore!(JSON.parse(JSON.stringify(method.state!())) as never);
    let decision;
    for (let epoch = 7; epoch < 11; epoch++) {
      const { context } = epochOf({ epoch, params: params(), validation: { perModality: { audio: { loss: 9 }, visual: { loss: 9 } } } });
      decision = await other.epochEnd!(context);
    }
    expect(decision).toEqual({ phase: 'stopped audio+visual', stop: 'every modality has stopped early' });
  });
});
