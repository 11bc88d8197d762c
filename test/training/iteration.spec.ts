import * as tf from '@tensorflow/tfjs-core';
import { ITERATION_POINTS, type Engine, type IterationPoint, type Method } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { hostWith, trainToy } from './support.js';

let engine: Engine;
beforeAll(async () => {
  engine = await startTestEngine();
});

/** A method that notes each of its hooks and changes nothing. */
function recorder(name: string, calls: string[]): Method {
  const note = (point: IterationPoint) => void calls.push(`${name}.${point}`);
  return {
    epochStart: () => (note('epochStart'), undefined),
    exchange: () => (note('exchange'), undefined),
    features: () => (note('features'), undefined),
    logits: () => (note('logits'), undefined),
    losses: () => (note('losses'), undefined),
    gradients: () => (note('gradients'), undefined),
    update: () => (note('update'), undefined),
    stepEnd: () => (note('stepEnd'), undefined),
    epochEnd: () => (note('epochEnd'), undefined),
    predict: () => (note('predict'), undefined),
  };
}

describe('the iteration', () => {
  it('calls every point in the order of the table, methods in the order of the config', async () => {
    const calls: string[] = [];
    const host = hostWith({ first: () => recorder('first', calls), second: () => recorder('second', calls) });
    // 48 rows in batches of 24: two steps; validation is scored before epochEnd.
    await trainToy(engine, { host, recipe: { methods: ['first', 'second'] }, training: { epochs: 1, batchSize: 24, selection: 'last' } });
    const both = (point: string) => [`first.${point}`, `second.${point}`];
    const step = ['features', 'logits', 'losses', 'gradients', 'update', 'stepEnd'].flatMap(both);
    expect(calls).toEqual([
      ...both('epochStart'),
      ...step,
      ...step,
      ...both('predict'), // validation of the epoch
      ...both('epochEnd'),
      ...both('predict'), // final validation
      ...both('predict'), // test, once
      ...both('predict'), // one row, to count what a prediction costs
    ]);
    // Concatenation exchanges nothing between stages; see below.
    const table = ITERATION_POINTS.map(({ point }) => point).filter((point) => point !== 'predict' && point !== 'exchange');
    const seen = [...new Set(calls.map((call) => call.split('.')[1]!))].filter((point) => point !== 'predict');
    expect(seen).toEqual(table);
  });

  it('emits its signals in order, one step.completed an iteration', async () => {
    const { signals } = await trainToy(engine, { training: { epochs: 2, batchSize: 24 } });
    const types = signals.map(({ type }) => type);
    const epoch = ['epoch.started', 'gradients.measured', 'step.completed', 'step.completed', 'epoch.completed'];
    expect(types).toEqual(['run.started', ...epoch, ...epoch, 'run.completed']);
    expect(signals.map(({ index }) => index)).toEqual(signals.map((_, i) => i));
  });

  it('lets hooks replace features, terms and gradients, and reports what they report', async () => {
    const zero: Method = {
      losses: ({ terms, report }) => {
        report('terms', tf.scalar(terms.length));
        return [...terms, { name: 'extra', kind: 'regulariser', value: tf.scalar(2), weight: 0.5 }];
      },
      gradients: ({ gradients }) => Object.fromEntries(Object.entries(gradients).map(([path, leaf]) => [path, tf.zerosLike(leaf)])),
    };
    const { signals } = await trainToy(engine, {
      host: hostWith({ zero: () => zero }),
      recipe: { methods: ['zero'] },
      training: { epochs: 1, batchSize: 48, optimizer: { use: 'sgd', weightDecay: 0 }, measureGradients: 'never' },
    });
    const step = signals.find((signal) => signal.type === 'step.completed')!;
    expect(step).toMatchObject({ reports: { 'zero/terms': 1 }, losses: { extra: 2 } });
    expect(step.type === 'step.completed' && step.total).toBeCloseTo((step as { losses: Record<string, number> }).losses['fused']! + 1, 5);
  });

  it('freezes paths for real: no momentum, no weight decay', async () => {
    let before: number[] = [];
    let after: number[] = [];
    const freeze: Method = {
      update: () => ({ frozen: (path) => path.startsWith('encoders/audio/') }),
      epochStart: ({ params }) => {
        const kernel = [...params[Object.keys(params).find((path) => path.startsWith('encoders/audio/'))!]!.dataSync()];
        if (before.length === 0) before = kernel;
        else after = kernel;
        return undefined;
      },
    };
    const { result } = await trainToy(engine, {
      host: hostWith({ freeze: () => freeze }),
      recipe: { methods: ['freeze'] },
      training: { epochs: 2, optimizer: { use: 'sgd', weightDecay: 0.1 } },
    });
    expect(result.status).toBe('completed');
    expect(after).toEqual(before);
  });

  it('carries out an update plan: each stage sees the parameters the one before left', async () => {
    const stages: string[] = [];
    const plan: Method = {
      plan: () => [
        { name: 'audio', parameters: (path) => path.startsWith('encoders/audio/') },
        { name: 'rest', parameters: (path) => !path.startsWith('encoders/audio/') },
      ],
      features: ({ stage }) => (stages.push(stage), undefined),
      update: ({ paths, stage }) => {
        expect(paths.every((path) => path.startsWith('encoders/audio/') === (stage === 'audio'))).toBe(true);
        return undefined;
      },
    };
    const { result } = await trainToy(engine, {
      host: hostWith({ plan: () => plan }),
      recipe: { methods: ['plan'] },
      training: { epochs: 6, optimizer: { use: 'sgd', learningRate: 0.1 } },
    });
    expect(stages.slice(0, 4)).toEqual(['audio', 'rest', 'audio', 'rest']);
    expect(result.metrics!.test.accuracy).toBeGreaterThan(0.6);
  });

  it('offers masked forward passes that zero the absent modality at the input', async () => {
    const seen: boolean[] = [];
    const masked: Method = {
      logits: ({ forward, fused, report }) => {
        const both = forward(new Set(['audio', 'image']));
        const none = forward(new Set());
        report('same', tf.max(tf.abs(tf.sub(both.logits, fused.logits))));
        // With nothing present every row has the same logits.
        report('spread', tf.max(tf.sub(tf.max(none.logits, 0), tf.min(none.logits, 0))));
        return undefined;
      },
      stepEnd: ({ reports }) => (seen.push(reports['same']! < 1e-4 && reports['spread']! < 1e-5), undefined),
    };
    await trainToy(engine, { host: hostWith({ masked: () => masked }), recipe: { methods: ['masked'] }, training: { epochs: 1 } });
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.every(Boolean)).toBe(true);
  });

  it('gives one gradient per term to methods that need it; their weighted sum is the gradient', async () => {
    const host = hostWith();
    const { CONTRACT_VERSION, definePiece, definePlugin } = await import('@equimodal/core');
    const { z } = await import('zod');
    const difference: number[] = [];
    const separate = definePiece({
      kind: 'method',
      id: 'separate',
      description: 'made for a test',
      facts: { needs: ['gradients-by-loss'], backwardPassesPerStep: 2 },
      options: z.object({}),
      create: (): Method => ({
        gradients: ({ gradients, byLoss, terms, report }) => {
          const path = Object.keys(gradients).find((name) => name.startsWith('encoders/'))!;
          const sum = terms.map((term) => tf.mul(byLoss[term.name]![path]!, term.weight)).reduce((a, b) => tf.add(a, b));
          report('difference', tf.max(tf.abs(tf.sub(sum, gradients[path]!))));
          return undefined;
        },
        stepEnd: ({ reports }) => (difference.push(reports['difference']!), undefined),
      }),
    });
    host.add(definePlugin({ name: 'separate', contractVersion: CONTRACT_VERSION, provides: [separate] }));
    const recipe = { alignment: 'info-nce', alpha: { use: 'constant', value: 0.3 } };
    const plain = await trainToy(engine, { recipe });
    const split = await trainToy(engine, { host, recipe: { ...recipe, methods: ['separate'] } });
    expect(Math.max(...difference)).toBeLessThan(1e-6);
    const totals = (run: typeof plain) => run.signals.flatMap((signal) => (signal.type === 'step.completed' ? [signal.total] : []));
    totals(plain).forEach((total, i) => expect(totals(split)[i]!).toBeCloseTo(total, 4));
  });
});
