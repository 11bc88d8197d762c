import { CONTRACT_VERSION, definePiece, definePlugin, type Engine, type Metric } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { hostWith, trainToy } from './support.js';

let engine: Engine;
beforeAll(async () => {
  engine = await startTestEngine();
});

const metrics = [...['accuracy', 'shapley', 'missing-robustness'].map((use) => ({ use })), { use: 'noise-robustness', levels: [0.5, 1] }];

/** A host with a metric that does this. */
function hostMeasuring(metric: Metric): ReturnType<typeof hostWith> {
  const host = hostWith();
  const piece = definePiece({
    kind: 'metric',
    id: 'mine',
    description: 'made for a test',
    facts: {},
    options: z.object({}),
    create: () => metric,
  });
  host.add(definePlugin({ name: 'my-metrics', contractVersion: CONTRACT_VERSION, provides: [piece] }));
  return host;
}

describe('figures under conditions', () => {
  it('are of the model that the run ends with, on validation and on test', async () => {
    const { result } = await trainToy(engine, { training: { epochs: 4 }, request: { metrics } });
    for (const figures of [result.metrics!.validation!, result.metrics!.test]) {
      const { accuracy, accuracyOfNothing, accuracyMissing1, missingRobustness, perModality } = figures as typeof figures &
        Record<string, number>;
      const own = (name: string): number[] => ['audio', 'image'].map((modality) => perModality[modality]![name]!);
      expect(own('shapley').reduce((sum, value) => sum + value, 0)).toBeCloseTo(accuracy! - accuracyOfNothing!, 10);
      expect(own('accuracyWithout').reduce((sum, value) => sum + value, 0) / 2).toBeCloseTo(accuracyMissing1!, 10);
      expect(missingRobustness).toBeCloseTo((accuracy! + accuracyMissing1!) / 2, 10);
      for (const value of own('noiseRobustness')) expect(value).toBeLessThanOrEqual(1);
      // Each modality's read-out has its figures still.
      expect(own('accuracy').every((value) => value > 0)).toBe(true);
    }
    // The toy classes are told from both modalities, so that either missing one costs accuracy.
    const { accuracy, perModality } = result.metrics!.test;
    for (const modality of ['audio', 'image']) expect(perModality[modality]!['accuracyWithout']!).toBeLessThan(accuracy!);
  });

  it('runs each condition once, whoever asks, and none where no metric asks', async () => {
    const seen: number[] = [];
    const asks: Metric = {
      key: 'mine',
      async conditions({ predict }) {
        const first = await predict({ present: ['audio'] });
        expect(await predict({ present: ['audio'] })).toBe(first);
        seen.push(first.size);
        return { all: { mine: 1 }, perModality: {} };
      },
    };
    const { result } = await trainToy(engine, { host: hostMeasuring(asks), request: { metrics: [{ use: 'mine' }] } });
    expect(result.metrics!.test['mine']).toBe(1);
    expect(seen).toHaveLength(2);
  });

  it('name the metric and its plugin when it throws', async () => {
    const broken: Metric = { key: 'mine', conditions: () => Promise.reject(new Error('no such thing')) };
    const trained = trainToy(engine, { host: hostMeasuring(broken), request: { metrics: [{ use: 'mine' }] } });
    await expect(trained).rejects.toMatchObject({
      code: 'EQM_PLUGIN_FAULT',
      message: 'metric "mine" threw: no such thing',
      where: 'plugin "my-metrics"',
    });
    const wrong: Metric = { key: 'mine', predictions: () => Number((undefined as unknown as { x: number }).x) };
    const other = trainToy(engine, { host: hostMeasuring(wrong), request: { metrics: [{ use: 'mine' }] } });
    await expect(other).rejects.toMatchObject({ code: 'EQM_PLUGIN_FAULT', where: 'plugin "my-metrics"' });
  });
});
