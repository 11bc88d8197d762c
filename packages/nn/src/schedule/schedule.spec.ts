import { describe, expect, it } from 'vitest';
import { plateau, type PlateauOptions } from './plateau.js';
import { constant, cosine, step, warmUp, type Schedule } from './schedule.js';
import fixture from './schedule.fixture.json' with { type: 'json' };

const fault = expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' });

function expectFactors(actual: number[], expected: number[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(actual[i], `epoch ${i}`).toBeCloseTo(value, 6);
}

describe('schedules', () => {
  it.each<[string, Schedule, number[]]>([
    ['step (StepLR)', step({ every: 7 }), fixture.step],
    ['milestones (MultiStepLR)', step({ milestones: [5, 12, 20], factor: 0.5 }), fixture.milestones],
    ['cosine (CosineAnnealingLR)', cosine({ epochs: 30, minimum: 0.05 }), fixture.cosine],
    [
      'warm-up, then step (SequentialLR of LinearLR and StepLR)',
      warmUp({ epochs: 5, start: 0.2, then: step({ every: 7 }) }),
      fixture.warmup,
    ],
    ['constant', constant(), Array.from({ length: 30 }, () => 1)],
  ])('%s has the factors of PyTorch over 30 epochs', (_name, schedule, expected) => {
    expectFactors(
      expected.map((_, epoch) => schedule(epoch)),
      expected,
    );
  });

  it('ends a cosine at its minimum and stays there', () => {
    const schedule = cosine({ epochs: 10, minimum: 0.1 });
    expect([schedule(0), schedule(5), schedule(10), schedule(15)].map((v) => Number(v.toFixed(9)))).toEqual([1, 0.55, 0.1, 0.1]);
  });

  it('needs no warm-up', () => {
    expect(warmUp({ epochs: 0, then: cosine({ epochs: 4 }) })(2)).toBeCloseTo(0.5, 9);
  });

  it('refuses options that make no schedule', () => {
    expect(() => step({})).toThrow(fault);
    expect(() => step({ every: 2, milestones: [3] })).toThrow(fault);
    expect(() => step({ every: 0 })).toThrow(fault);
    expect(() => cosine({ epochs: 0 })).toThrow(fault);
    expect(() => cosine({ epochs: 4, minimum: 2 })).toThrow(fault);
    expect(() => warmUp({ epochs: 4, start: -1, then: constant() })).toThrow(fault);
  });
});

describe('plateau', () => {
  it.each(Object.entries(fixture.plateau))(
    'has the factors of ReduceLROnPlateau over 30 epochs: %s',
    (_name, { values, options, factors }) => {
      const schedule = plateau(options as PlateauOptions);
      expectFactors(
        values.map((value) => schedule.observe(value)),
        factors,
      );
      expect(new Set(factors).size).toBeGreaterThan(2);
    },
  );

  it.each(Object.entries(fixture.plateau))('goes on from a stored state: %s', (_name, { values, options, factors }) => {
    let schedule = plateau(options as PlateauOptions);
    const seen = values.map((value) => {
      const state = JSON.parse(JSON.stringify(schedule.state())) as ReturnType<typeof schedule.state>;
      schedule = plateau(options as PlateauOptions);
      schedule.restore(state);
      schedule.observe(value);
      return schedule.factor;
    });
    expectFactors(seen, factors);
  });

  it('counts a value that is no number as no improvement', () => {
    const schedule = plateau({ patience: 1, factor: 0.5 });
    expect([NaN, NaN, 1, NaN, NaN].map((value) => schedule.observe(value))).toEqual([1, 0.5, 0.5, 0.5, 0.25]);
  });

  it('refuses malformed options and states', () => {
    expect(() => plateau({ factor: 1 })).toThrow(fault);
    expect(() => plateau().restore({ best: 'low' })).toThrow(fault);
    expect(() => plateau().restore(null)).toThrow(fault);
  });
});
