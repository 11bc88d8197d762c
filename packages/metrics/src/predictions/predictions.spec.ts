import { EquimodalError } from '@equimodal/core';
import { describe, expect, it } from 'vitest';
import { checkPredictions, predictedLabels } from './predictions.js';
import { ABSENT, GOLDEN, predictionsOf } from './predictions.fixture.js';

const codeOf = (run: () => void): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof EquimodalError) return error.code;
    throw error;
  }
  return 'none';
};

describe('predictedLabels', () => {
  it('takes the class of largest probability', () => {
    expect([...predictedLabels(GOLDEN)]).toEqual([0, 1, 2, 0, 2, 0, 1, 2]);
    expect([...predictedLabels(ABSENT)]).toEqual([0, 1, 0, 0]);
  });

  it('takes the first of equal probabilities', () => {
    expect([
      ...predictedLabels(
        predictionsOf(
          [1, 1],
          [
            [0.4, 0.4, 0.2],
            [0.2, 0.4, 0.4],
          ],
        ),
      ),
    ]).toEqual([0, 1]);
  });
});

describe('checkPredictions', () => {
  it('accepts what fits', () => {
    expect(codeOf(() => checkPredictions(GOLDEN, 'test'))).toBe('none');
  });

  it('refuses an empty split', () => {
    expect(codeOf(() => checkPredictions(predictionsOf([], []), 'test'))).toBe('EQM_DATA_SPLIT');
  });

  it('refuses arrays of the wrong length', () => {
    expect(codeOf(() => checkPredictions({ ...GOLDEN, labels: Int32Array.of(0) }, 'test'))).toBe('EQM_PLUGIN_FAULT');
    expect(codeOf(() => checkPredictions({ ...GOLDEN, classes: 4 }, 'test'))).toBe('EQM_PLUGIN_FAULT');
  });

  it('refuses a label that is no class', () => {
    expect(
      codeOf(() =>
        checkPredictions(
          predictionsOf(
            [0, 2],
            [
              [0.5, 0.5],
              [0.5, 0.5],
            ],
          ),
          'test',
        ),
      ),
    ).toBe('EQM_DATA_MALFORMED');
    expect(codeOf(() => checkPredictions(predictionsOf([-1], [[0.5, 0.5]]), 'test'))).toBe('EQM_DATA_MALFORMED');
  });

  it('refuses a probability that is not finite and says where it is', () => {
    const diverged = predictionsOf(
      [0, 1],
      [
        [0.5, 0.5],
        [0.5, NaN],
      ],
    );
    expect(codeOf(() => checkPredictions(diverged, 'test'))).toBe('EQM_TRAIN_DIVERGED');
    expect(() => checkPredictions(diverged, 'test')).toThrow('class 1 for sample 1');
  });
});
