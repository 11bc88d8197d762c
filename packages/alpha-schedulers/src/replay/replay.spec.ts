import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlphaMoment, BilevelProblem, Resolver } from '@equimodal/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { interpolate, PUBLISHED_CURVES } from './curves.js';
import { recordedAlphas } from './recorded.js';
import { replayAlpha } from './replay.js';

const noProblem = (): BilevelProblem => {
  throw new Error('a recorded curve must not ask for the bilevel problem');
};
function curve(options: object, epochs: number): number[] {
  const scheduler = replayAlpha.create(replayAlpha.options.parse(options), { epochs }, {} as Resolver);
  const at = (epoch: number): AlphaMoment => ({ epoch, step: 0, epochs, stepsPerEpoch: 10, alpha: scheduler.initial });
  const out = Array.from({ length: epochs }, (_, epoch) => scheduler.update(at(epoch), noProblem).alpha);
  expect(scheduler.initial).toBe(out[0]);
  return out;
}

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'equimodal-replay-'));
  mkdirSync(join(root, 'seed-0'));
  const signal = (epoch: number, alpha: number) => `${JSON.stringify({ type: 'epoch.started', epoch, learningRate: 1, alpha })}\n`;
  writeFileSync(
    join(root, 'seed-0/signals.jsonl'),
    `{"type":"run.started"}\n${signal(0, 1)}${signal(1, 0.9)}${signal(1, 0.7)}${signal(2, 0.2)}`,
  );
  writeFileSync(join(root, 'curve.csv'), '\ufeffepoch,alpha\r\n0,1\r\n1,0.5\r\n');
  writeFileSync(join(root, 'other.csv'), 'epoch,weight\n0,1\n');
  writeFileSync(join(root, 'wrong.csv'), 'alpha\n1\n1.5\n');
  writeFileSync(join(root, 'cut.jsonl'), '{"type":"epoch.started","epoch":0,"al\n');
});
afterAll(() => rmSync(root, { recursive: true }));

describe('replay', () => {
  it('gives the values of a run of their length, and stretches them to another', () => {
    expect(curve({ values: [1, 0.5, 0] }, 3)).toEqual([1, 0.5, 0]);
    expect(curve({ values: [1, 0.5, 0] }, 5)).toEqual([1, 0.75, 0.5, 0.25, 0]);
    expect(curve({ values: [1, 0.5, 0], stretch: false }, 5)).toEqual([1, 0.5, 0, 0, 0]);
    expect(curve({ values: [0.3] }, 2)).toEqual([0.3, 0.3]);
    expect(curve({ values: [0.3, 0.9] }, 1)).toEqual([0.3]);
  });

  it('knows the published curves', () => {
    const alphas = curve({}, 30);
    for (const [epoch, alpha] of PUBLISHED_CURVES['kinetics-sounds'].alpha.entries())
      expect(alphas[epoch], `${epoch}`).toBeCloseTo(alpha, 12);
    const crema = curve({ curve: 'crema-d' }, 101);
    expect([crema[0], crema[10], crema[45], crema[100]]).toEqual(
      [1, 0.994, 0.364, 0.083].map((value) => expect.closeTo(value, 12) as number),
    );
    for (const { at, alpha } of Object.values(PUBLISHED_CURVES)) expect(at.length).toBe(alpha.length);
  });

  it('interpolates between points, and holds the ends', () => {
    expect([-1, 0, 0.25, 1, 3].map((x) => interpolate([0, 0.5, 1], [4, 2, 8], x))).toEqual([4, 4, 3, 8, 8]);
  });

  it('reads a run and a CSV file, and keeps what it read', () => {
    expect(recordedAlphas('seed-0', root)).toEqual([1, 0.7, 0.2]);
    expect(recordedAlphas('curve.csv', root)).toEqual([1, 0.5]);
    const pinned = replayAlpha.pin!(replayAlpha.options.parse({ from: 'curve.csv' }), { baseDir: root });
    expect(pinned).toMatchObject({ values: [1, 0.5], from: null });
    expect(replayAlpha.pin!(pinned, { baseDir: '/nowhere' })).toEqual(pinned);
    expect(curve({ from: join(root, 'curve.csv') }, 2)).toEqual([1, 0.5]);
  });

  it.each([
    ['nothing', 'cannot be read'],
    ['other.csv', 'no column "alpha", but epoch, weight'],
    ['wrong.csv', 'entry 2'],
    ['cut.jsonl', 'not JSON'],
  ])('says what is wrong with %s', (file, message) => {
    expect(() => recordedAlphas(file, root)).toThrow(message);
  });

  it('refuses values beside a file', () => {
    expect(replayAlpha.options.safeParse({ values: [1], from: 'x' }).success).toBe(false);
    expect(replayAlpha.options.safeParse({ values: [1.5] }).success).toBe(false);
  });
});
