import { describe, expect, it } from 'vitest';
import { Rounds } from './rounds.mjs';

/** A trainer of given step times: waits at the gate, then completes a step; hypergradients before the steps named. */
function trainer(durations, updates = []) {
  let now = 0;
  const rounds = new Rounds(() => now);
  const trained = (async () => {
    for (const [step, duration] of durations.entries()) {
      await rounds.gate();
      if (updates.includes(step)) rounds.alphaUpdated();
      now += duration;
      rounds.stepCompleted();
    }
  })();
  return { rounds, trained };
}

describe('Rounds', () => {
  it('times steps between their ends, not the first of a round, which waited', async () => {
    const { rounds, trained } = trainer([100, 1, 2, 200, 3, 4]);
    expect(await rounds.run(2)).toEqual({ times: [1, 2], updates: [] });
    expect(await rounds.run(2)).toEqual({ times: [3, 4], updates: [] });
    await trained;
  });

  it('keeps steps that begin with a hypergradient apart, also where the first of a round has one', async () => {
    const { rounds, trained } = trainer([1, 2, 50, 3, 60, 4], [2, 4]);
    expect(await rounds.run(3)).toEqual({ times: [2, 3], updates: [50] });
    expect(await rounds.run(1)).toEqual({ times: [4], updates: [] });
    await trained;
  });

  it('makes no step before it is told to', async () => {
    const { rounds } = trainer([5]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(rounds.gate()).toBeInstanceOf(Promise);
  });
});
