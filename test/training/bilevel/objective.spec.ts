import { ConfigSource, EquimodalError, resolveExperiment, type BilevelProblem, type Engine, type RunControls } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { disposeTree } from '@equimodal/nn';
import { beforeAll, describe, expect, it } from 'vitest';
import { hostWith, trainToy, type Toy } from '../support.js';
import { hostWithProbe } from './probe.js';

let engine: Engine;
beforeAll(async () => {
  engine = await startTestEngine();
});

const INFO_NCE = { alignment: 'info-nce' };

/** What is wrong with a row, each with the code of the error. */
async function problemsOf(row: object): Promise<string[]> {
  const source = ConfigSource.of({
    dataset: { use: 'kit-toy', modalities: ['a', 'b'] },
    encoders: { default: 'mlp' },
    recipes: [{ as: 'row', fusion: 'concat', ...INFO_NCE, ...row }],
  });
  try {
    await resolveExperiment(hostWith(), source);
    return [];
  } catch (error) {
    if (!(error instanceof EquimodalError)) throw error;
    return error.problems.map(({ message }) => `${error.code} ${message}`);
  }
}

/** What `look` makes of the problem at the last epoch. */
async function lookAt<T>(
  look: (problem: BilevelProblem) => T,
  toy: Toy & { readonly steer?: (controls: RunControls) => void } = {},
): Promise<T> {
  const seen: T[] = [];
  const { training, steer } = toy;
  await trainToy(engine, {
    ...toy,
    host: hostWithProbe({ alpha: 0.3, look: (problem) => void seen.push(look(problem())) }),
    recipe: { ...INFO_NCE, alpha: 'probe', ...toy.recipe },
    training: { batchSize: 24, ...training },
    request: { attach: (_bus, controls) => steer?.(controls) },
  });
  return seen.at(-1)!;
}

const lossesInside = (problem: BilevelProblem) => {
  const { classification, alignment, losses } = problem.inner(problem.params);
  disposeTree(classification);
  disposeTree(alignment);
  return losses;
};

describe('methods beside a learned alpha', () => {
  it.each(['learned', 'released-hvp'])('are refused where they replace the objective (%s)', async (alpha) => {
    expect(await problemsOf({ alpha, methods: ['unimodal-sum'] })).toEqual([
      expect.stringMatching(
        `^EQM_CONFIG_INCOMPATIBLE .*alpha-scheduler "${alpha}" differentiates the losses of the row, and method "unimodal-sum" replaces them`,
      ),
    ]);
  });

  it('are not where alpha is not learned, or where they leave the objective alone', async () => {
    expect(await problemsOf({ alpha: 'heuristic', methods: ['unimodal-sum'] })).toEqual([]);
    expect(await problemsOf({ alpha: 'learned', methods: ['ogm-ge'] })).toEqual([]);
  });

  it('are warned of where they take part in steps', async () => {
    const warnings = async (alpha: string): Promise<string[]> => {
      const { signals } = await trainToy(engine, { recipe: { ...INFO_NCE, alpha, methods: ['ogm-ge'] }, training: { epochs: 1 } });
      return signals.flatMap((signal) => (signal.type === 'warning' && signal.source === 'alpha' ? [signal.message] : []));
    };
    expect(await warnings('learned')).toEqual([expect.stringMatching(/method "ogm-ge" does \(gradients\) is not part/)]);
    expect(await warnings('heuristic')).toEqual([]);
  });
});

describe('the bilevel problem is that of what is trained', () => {
  it('with the weights of losses that were set from outside', async () => {
    // At a learning rate of 0 nothing moves: the losses can be compared.
    const training = { optimizer: { use: 'sgd', learningRate: 1e-30 } };
    const plain = await lookAt(lossesInside, { training });
    const weighed = await lookAt(lossesInside, {
      training,
      steer(controls) {
        controls.setLossWeight('fused', 3);
        controls.setLossWeight('alignment', 0.5);
      },
    });
    expect(weighed.classification).toBeCloseTo(3 * plain.classification, 5);
    expect(weighed.alignment).toBeCloseTo(0.5 * plain.alignment, 5);
  });

  it('without parameters that are not trained', async () => {
    const pathsOf = ({ paths, params, leaf }: BilevelProblem): string[] => {
      for (const path of paths) leaf(params, path).dispose();
      return [...paths];
    };
    const all = await lookAt(pathsOf);
    const trained = await lookAt(
      (problem) => {
        const { classification } = problem.outer(problem.params);
        const product = problem.product(classification, { alpha: 0.3, distance: 1e-3 });
        disposeTree(classification);
        disposeTree(product);
        return pathsOf(problem);
      },
      { training: { learningRates: [{ path: 'encoders/audio', scale: 0 }] } },
    );
    expect(all.some((path) => path.startsWith('encoders/audio/'))).toBe(true);
    expect(trained).toEqual(all.filter((path) => !path.startsWith('encoders/audio/')));
  });

  it.each([
    ['sgd', 0.01],
    ['adam', 0.01],
    ['adamw', 0],
  ])('with the weight decay of %s', async (use, expected) => {
    const optimizer = { use, learningRate: 1e-3, weightDecay: 0.01 };
    expect(await lookAt(({ weightDecay }) => weightDecay, { training: { optimizer } })).toBe(expected);
  });
});
