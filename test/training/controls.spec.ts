import type { Engine, RunControls } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { trainToy } from './support.js';

let engine: Engine;
beforeAll(async () => {
  engine = await startTestEngine();
});

describe('RunControls', () => {
  it('takes effect at the next step boundary and is a signal', async () => {
    const recipe = { alignment: 'info-nce', alpha: { use: 'constant', value: 0.5 } };
    let steer: RunControls | undefined;
    const { signals, result } = await trainToy(engine, {
      recipe,
      training: { epochs: 3, batchSize: 24 },
      request: {
        attach: (bus, controls) => {
          steer = controls;
          bus.on('step.completed').subscribe(({ epoch, step }) => {
            if (epoch === 0 && step === 0) {
              controls.setAlpha(0.25, 'test');
              controls.scaleLearningRate(0.5, 'test');
              controls.setLossWeight('fused', 2, 'test');
            }
            if (epoch === 1 && step === 0) controls.stop('enough', 'test');
          });
        },
      },
    });
    const steps = signals.flatMap((signal) => (signal.type === 'step.completed' ? [signal] : []));
    expect(steps.slice(0, 3).map(({ alpha, learningRate }) => [alpha, learningRate])).toEqual([
      [0.5, 0.01],
      [0.25, 0.005],
      [0.25, 0.005], // the scheduler is not asked any more
    ]);
    expect(steps[1]!.total).toBeCloseTo(0.75 * 2 * steps[1]!.losses['fused']! + 0.25 * steps[1]!.losses['alignment']!, 4);
    const applied = signals.flatMap((signal) => (signal.type === 'control.applied' ? [signal.control] : []));
    expect(applied).toEqual(['alpha', 'learningRateFactor', 'weight/fused', 'stop']);
    expect(result.status).toBe('stopped');
    expect(result.reason).toBe('enough');
    expect(() => steer!.setAlpha(2)).toThrow(/\[0, 1\]/);
  });

  it('goes on when an observer throws, and says so', async () => {
    const { signals, result } = await trainToy(engine, {
      request: {
        attach: (bus) => {
          bus.on('step.completed').subscribe(() => {
            throw new Error('observer broke');
          });
        },
      },
    });
    expect(result.status).toBe('completed');
    expect(signals.filter(({ type }) => type === 'warning')).toHaveLength(1);
  });
});
