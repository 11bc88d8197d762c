import type { ExchangeContext } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { contextOf, expectNumbers, matrix } from '../fixture/context.fixture.js';
import { greedy } from './greedy.js';
import { addSpeeds, conditionalSpeed, type Curation, nextCuration, NOTHING_CURATED, type SpeedSums } from './speed.js';

const RUN = { modalities: ['audio', 'visual'], featureSizes: { audio: 2, visual: 2 }, classes: 3, epochs: 10 };
const OPTIONS = { epsilon: 0.01, window: 5, start: 1 };
/** Squared gradients over squared weights of three steps. */
const STEPS: SpeedSums[] = [
  { audio: { bypass: 0.4 / 10, main: 2 / 100 }, visual: { bypass: 0.2 / 10, main: 2.5 / 100 } },
  { audio: { bypass: 0.5 / 10, main: 2 / 100 }, visual: { bypass: 0.3 / 10, main: 2.4 / 100 } },
  { audio: { bypass: 0.6 / 10, main: 2 / 100 }, visual: { bypass: 0.3 / 10, main: 2.2 / 100 } },
];

describe('conditional learning speed', () => {
  it('is that of the sums so far', () => {
    let sums: SpeedSums = {};
    const seen = STEPS.map((step) => {
      sums = addSpeeds(sums, step);
      return [conditionalSpeed(sums['audio']!), conditionalSpeed(sums['visual']!)];
    });
    expectNumbers(seen.flat(), [0.30103, -0.09691, 0.352183, 0.008774, 0.39794, 0.051832]);
  });

  it('curates the faster one for exactly the next steps of the window, and does not count them', () => {
    let state: Curation = NOTHING_CURATED;
    const targets = Array.from({ length: 8 }, () => {
      state = nextCuration(state, STEPS[0]!, { epsilon: 0.01, window: 5, locked: false });
      return state.target;
    });
    // The first step triggers; five steps are curated; the decision after the fifth is to let go, the next triggers anew.
    expect(targets).toEqual(['audio', 'audio', 'audio', 'audio', 'audio', null, 'audio', 'audio']);
    expect(state.sums['audio']!.bypass).toBeCloseTo(0.08, 10);
  });

  it('curates the other one when that is faster, and nobody while locked or alike', () => {
    const swapped = { audio: STEPS[0]!['visual']!, visual: STEPS[0]!['audio']! };
    expect(nextCuration(NOTHING_CURATED, swapped, { ...OPTIONS, locked: false }).target).toBe('visual');
    expect(nextCuration(NOTHING_CURATED, swapped, { ...OPTIONS, locked: true }).target).toBeNull();
    const alike = { audio: swapped.audio, visual: swapped.audio };
    expect(nextCuration(NOTHING_CURATED, alike, { ...OPTIONS, locked: false }).target).toBeNull();
  });
});

describe('greedy', () => {
  beforeAll(async () => {
    await startTestEngine();
  });
  const tree = () => ({
    'fusion/exchange/stage2/squeeze/kernel': tf.tensor1d([1, 1]),
    'fusion/exchange/stage2/gates/audio/bias': tf.tensor1d([2, 0]),
    'fusion/exchange/stage2/gates/visual/bias': tf.tensor1d([0, 3]),
    'encoders/audio/kernel': tf.tensor1d([2, 1]),
    'fusion/heads/audio/bias': tf.tensor1d([0, 0]),
    'encoders/visual/kernel': tf.tensor1d([1, 0]),
  });

  it('measures gate and joint layer against encoder and head', () => {
    const params = tree();
    const gradients = Object.fromEntries(Object.entries(tree()).map(([path, leaf]) => [path, tf.onesLike(leaf)]));
    const { context, reported } = contextOf({
      gradients,
      params,
      controls: { 'curate/audio': 0, 'curate/visual': 0 },
      memory: { steps: tf.scalar(0) },
    });
    greedy(OPTIONS, RUN).gradients!(context);
    const seen = reported();
    expectNumbers(
      ['bypass/audio', 'bypass/visual', 'main/audio', 'main/visual'].map((name) => seen[name]!),
      [4 / 6, 4 / 11, 4 / 5, 2 / 1],
    );
  });

  const exchange = (steps: number, gate: number[], held: number[], still: number) => {
    const memory = { steps: tf.scalar(steps), 'gate/stage2/audio': tf.tensor1d(held), 'gate/stage2/visual': tf.tensor1d(held) };
    const { context, memory: after } = contextOf({ memory, controls: { 'curate/audio': still, 'curate/visual': 0 } });
    const rows = [gate, gate];
    const given = { ...context, encoderStage: 2, gates: { audio: matrix(rows), visual: matrix(rows) } } as unknown as ExchangeContext;
    return { gates: greedy(OPTIONS, RUN).exchange!(given)!, after };
  };

  it('keeps the mean of all gates so far', () => {
    const first = exchange(0, [0.6, 0.6], [0, 0], 0);
    expectNumbers(first.after['gate/stage2/audio']!, [0.6, 0.6]);
    expectNumbers(first.gates['audio']!, [0.6, 0.6, 0.6, 0.6]);
    expectNumbers(exchange(1, [0.8, 0.8], [0.6, 0.6], 0).after['gate/stage2/audio']!, [0.7, 0.7]);
  });

  it('puts the mean in the place of the gates that stand still, the others stay live', () => {
    const { gates, after } = exchange(1, [0.8, 0.8], [0.6, 0.6], 1);
    expectNumbers(gates['audio']!, [0.6, 0.6, 0.6, 0.6]);
    expectNumbers(gates['visual']!, [0.8, 0.8, 0.8, 0.8]);
    expectNumbers(after['gate/stage2/audio']!, [0.6, 0.6]);
  });

  it('remembers a mean for each gate of the fusion', () => {
    expect(Object.keys(greedy(OPTIONS, RUN).memory!(tree()))).toEqual(['steps', 'gate/stage2/audio', 'gate/stage2/visual']);
  });

  it('decides from reports, from its start on, through a checkpoint', () => {
    const reports = { 'bypass/audio': 0.04, 'main/audio': 0.02, 'bypass/visual': 0.02, 'main/visual': 0.025 };
    const at = { step: 0, stepsPerEpoch: 4, total: 0, losses: {}, reports };
    const method = greedy(OPTIONS, RUN);
    expect(method.stepEnd!({ ...at, epoch: 0 })!.controls).toEqual({ 'curate/audio': 0, 'curate/visual': 0 });
    const other = greedy(OPTIONS, RUN);
    other.restore!(JSON.parse(JSON.stringify(method.state!())) as never);
    expect(other.stepEnd!({ ...at, epoch: 1 })!.controls).toEqual({ 'curate/audio': 1, 'curate/visual': 0 });
  });
});
