import { expect, it } from 'vitest';
import { poolShape } from './pool-shape.js';

it.each([
  [8, {}, { processes: 8, threads: 1 }],
  [8, { runs: 3 }, { processes: 3, threads: 2 }],
  [8, { runs: 100, jobs: 1 }, { processes: 1, threads: 8 }],
  [8, { threads: 4 }, { processes: 2, threads: 4 }],
  [2, { threads: 4 }, { processes: 1, threads: 4 }],
  [2, { jobs: 4 }, { processes: 4, threads: 1 }],
  [1, { runs: 5 }, { processes: 1, threads: 1 }],
])('shares %i cores out, asked for %o', (cores, asked, shape) => {
  expect(poolShape(cores, asked)).toEqual(shape);
});

it('runs no more threads than there are cores, unless it was asked to', () => {
  for (let cores = 1; cores <= 64; cores++) {
    for (let runs = 1; runs <= 70; runs++) {
      const { processes, threads } = poolShape(cores, { runs });
      expect(processes * threads).toBeLessThanOrEqual(cores);
    }
  }
});
