import * as tf from '@tensorflow/tfjs-core';
import { EquimodalError, type Engine, type Host, type Signal } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { RunFolder } from '@equimodal/training';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostWith, trainToy } from '../support.js';
import { commonFusion, factsOf, METHODS, rowOf } from './rows.js';

let engine: Engine;
let base: string;
beforeAll(async () => {
  engine = await startTestEngine();
  base = mkdtempSync(join(tmpdir(), 'equimodal-pairs-'));
});
afterAll(() => rmSync(base, { recursive: true }));

const pairs = METHODS.flatMap((first, i) => METHODS.slice(i + 1).map((second) => [first, second] as const));
/** One epoch has two steps. Estimating the weights of three heads takes three epochs before the first of training, teachers take one. */
const epochsOf = (ids: readonly string[]): number => (ids.includes('g-blend') ? 4 : ids.includes('umt') ? 2 : 1);
const BASE = { batchSize: 24, selection: 'last', optimizer: { use: 'sgd', learningRate: 0.05 }, measureGradients: 'never' };

const totals = (signals: readonly Signal[]) =>
  signals.flatMap((signal) =>
    signal.type === 'step.completed' ? [{ total: signal.total, losses: signal.losses, reports: signal.reports }] : [],
  );

/** Why the declared facts rule a pair out, as the refusal says it. */
function excluded(host: Host, first: string, second: string): RegExp | undefined {
  const [a, b] = [factsOf(host, first), factsOf(host, second)];
  if (commonFusion(host, [first, second]) === undefined) return /works with fusion/;
  if ((a.claims ?? []).some((claim) => b.claims?.includes(claim))) return /a row can have one of them/;
  // One modality alone leaves nothing to balance.
  const alone = [first, second].includes('unimodal');
  if (alone && Math.max(a.modalities?.min ?? 1, b.modalities?.min ?? 1) > 1) return /needs at least/;
  return undefined;
}

describe('any two methods', () => {
  it.each(pairs)('%s and %s train together, two steps, or are refused with the reason', async (first, second) => {
    const host = hostWith();
    const training = { ...BASE, epochs: epochsOf([first, second]) };
    const row = rowOf(host, [first, second]);
    const reason = excluded(host, first, second);
    if (reason !== undefined) {
      const refusal = await trainToy(engine, { host, ...row, training }).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(EquimodalError);
      expect((refusal as EquimodalError).problems.map(({ message }) => message).join('\n')).toMatch(reason);
      return;
    }
    const before = tf.memory().numTensors;
    const whole = totals((await trainToy(engine, { host, ...row, training })).signals);
    expect(tf.memory().numTensors, 'tensors left behind').toBe(before);
    expect(whole).toHaveLength(2 * training.epochs);
    for (const { total, losses, reports } of whole) {
      for (const [name, value] of Object.entries({ total, ...losses, ...reports })) expect(Number.isFinite(value), name).toBe(true);
    }
    // Everything both remember goes through a checkpoint between the two steps.
    const folder = new RunFolder(join(base, `${first}-${second}`));
    const abort = new AbortController();
    const start = await trainToy(engine, {
      host,
      ...row,
      training,
      request: { folder, abort: abort.signal, attach: (bus) => void bus.on('step.completed').subscribe(() => abort.abort()) },
    });
    const rest = await trainToy(engine, { host: hostWith(), ...row, training, request: { folder, resume: true } });
    expect([...totals(start.signals), ...totals(rest.signals)]).toEqual(whole);
  });
});
