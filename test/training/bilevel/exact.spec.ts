import { hypergradient, learnedOptions, type HypergradientOptions } from '@equimodal/alpha-schedulers';
import {
  ConfigSource,
  RandomStream,
  resolveExperiment,
  SignalBus,
  type BilevelProblem,
  type Engine,
  type RunContainer,
  type Tree,
} from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { cloneTree, disposeTree } from '@equimodal/nn';
import { BilevelProblems, buildModel, QueuedControls } from '@equimodal/training';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostWith } from '../support.js';
import fixture from './bilevel.fixture.json' with { type: 'json' };

interface Stored {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
type StoredTree = Readonly<Record<string, Stored>>;

const { alpha, damping } = fixture;
const tensorOf = ({ shape, data }: Stored): tf.Tensor => tf.tensor([...data], [...shape]);
const treeOf = (stored: StoredTree): Record<string, tf.Tensor> =>
  Object.fromEntries(Object.entries(stored).map(([path, leaf]) => [path, tensorOf(leaf)]));
const batchOf = ({ labels, inputs }: { readonly labels: readonly number[]; readonly inputs: StoredTree }): Tree => ({
  labels: tf.tensor1d([...labels], 'int32'),
  ...Object.fromEntries(Object.entries(inputs).map(([modality, input]) => [`inputs/${modality}`, tensorOf(input)])),
});
const flat = (stored: StoredTree): number[] => Object.values(stored).flatMap(({ data }) => data);
const distance = (x: readonly number[], y: readonly number[]): number => Math.hypot(...x.map((value, i) => value - y[i]!));
const relative = (x: readonly number[], truth: readonly number[]): number => distance(x, truth) / Math.hypot(...truth);

let container: RunContainer;
let problems: BilevelProblems;
let trees: Record<'params' | 'inner' | 'outer' | 'direction', Tree>;

async function posed(engine: Engine): Promise<BilevelProblems> {
  const host = hostWith();
  const modalities = (['audio', 'image'] as const).map((name) => ({ name, kind: 'vector' as const, shape: [4] }));
  const source = ConfigSource.of({
    dataset: { use: 'kit-toy', kind: 'vector', shape: [4] },
    encoders: { default: { use: 'mlp', hidden: [5], features: 3 } },
    recipes: [{ as: 'row', fusion: 'concat', alignment: { use: 'info-nce', temperature: fixture.temperature }, alpha: 'learned' }],
  });
  const recipe = (await resolveExperiment(host, source)).recipes[0]!;
  container = host.openRun({ signals: new SignalBus(), controls: new QueuedControls(), random: new RandomStream(1), engine });
  const model = buildModel(container, recipe, { modalities, classes: 3 });
  return new BilevelProblems({ engine, model, weightDecay: 0 });
}

beforeAll(async () => {
  problems = await posed(await startTestEngine());
  trees = {
    params: treeOf(fixture.params),
    inner: batchOf(fixture.inner),
    outer: batchOf(fixture.outer),
    direction: treeOf(fixture.direction),
  };
});
afterAll(async () => {
  problems.dispose();
  for (const tree of Object.values(trees)) disposeTree(tree);
  await container.dispose();
});

const pose = <T>(use: (problem: BilevelProblem) => T, params = trees.params): T =>
  problems.pose({ ...trees, params, state: {}, outerLoss: 'classification', epoch: 0, lossWeights: {} }, use);

/** The direction of the fixture as a tree of a problem. */
const givenDirection = (): Tree => pose(({ params }) => cloneTree(params), trees.direction);

/** All numbers of a tree of a problem, in the order of the fixture; the tree is disposed. */
function numbers(problem: BilevelProblem, tree: Tree): number[] {
  const values = Object.keys(fixture.params).flatMap((path) => {
    const leaf = problem.leaf(tree, path);
    const own = Array.from(leaf.dataSync());
    leaf.dispose();
    return own;
  });
  disposeTree(tree);
  return values;
}

const EXACT: HypergradientOptions = {
  solver: 'conjugate-gradient',
  iterations: 40,
  tolerance: 1e-5,
  damping,
  differences: 'central',
  epsilon: 1e-3,
  innerRate: null,
};
const found = (options: Partial<HypergradientOptions>) => pose((problem) => hypergradient(problem, alpha, { ...EXACT, ...options }));
const error = (options: Partial<HypergradientOptions>): number => Math.abs(found(options).value / fixture.hypergradient - 1);

describe('losses and gradients are those of PyTorch in float64', () => {
  it('inside', () => {
    pose((problem) => {
      const { classification, alignment, losses } = problem.inner(problem.params);
      expect(losses.classification).toBeCloseTo(fixture.losses.classification, 5);
      expect(losses.alignment).toBeCloseTo(fixture.losses.alignment, 5);
      expect(relative(numbers(problem, classification), flat(fixture.gradients.classification))).toBeLessThan(1e-5);
      expect(relative(numbers(problem, alignment), flat(fixture.gradients.alignment))).toBeLessThan(1e-5);
    });
  });

  it('outside', () => {
    pose((problem) => {
      const { classification, loss } = problem.outer(problem.params);
      expect(loss).toBeCloseTo(fixture.losses.outer, 5);
      expect(relative(numbers(problem, classification), flat(fixture.gradients.outer))).toBeLessThan(1e-5);
    });
  });
});

describe('products with the Hessian are those of automatic differentiation in float64', () => {
  /** Of the outer gradient, the first product of every solver, or of a direction that has nothing to do with the problem. */
  const errorOf = (distance: number, oneSided: boolean, which: 'outer' | 'direction' = 'outer'): number =>
    pose((problem) => {
      const direction = which === 'outer' ? problem.outer(problem.params).classification : givenDirection();
      const from = oneSided ? problem.total(problem.params, alpha) : undefined;
      const product = problem.product(direction, { alpha, distance, ...(from === undefined ? {} : { from }) });
      disposeTree(direction);
      if (from !== undefined) disposeTree(from);
      return relative(numbers(problem, product), flat(fixture.products[which]));
    });

  it('to three digits with central differences at the default distance', () => {
    expect(errorOf(1e-3, false)).toBeLessThan(1e-3);
    expect(errorOf(1e-3, false, 'direction')).toBeLessThan(1e-3);
  });

  it('to two digits with one-sided ones', () => {
    expect(errorOf(1e-3, true)).toBeLessThan(1e-2);
    expect(errorOf(1e-3, true, 'direction')).toBeLessThan(1e-2);
  });

  it('less well the farther the parameters move: with the square of the distance, one-sided with the distance', () => {
    const ratio = (oneSided: boolean): number => errorOf(1e-2, oneSided) / errorOf(5e-3, oneSided);
    expect(ratio(false)).toBeGreaterThan(3);
    expect(ratio(true)).toBeGreaterThan(1.7);
    expect(ratio(true)).toBeLessThan(2.5);
  });
});

describe('the hypergradient is that of a direct solve in float64', () => {
  it('with conjugate gradients', () => {
    const { residual, negativeCurvature } = found({});
    expect([residual < 1e-3, negativeCurvature]).toEqual([true, false]);
    expect(error({})).toBeLessThan(2e-3);
    expect(error({ differences: 'one-sided' })).toBeLessThan(2e-2);
  });

  it('with the Neumann series, in the end', () => {
    expect(error({ solver: 'neumann', iterations: 60 })).toBeLessThan(5e-3);
  });

  it('better with every solver the more products it is given', () => {
    for (const [solver, counts] of [
      ['conjugate-gradient', [1, 3, 6]],
      ['neumann', [2, 6, 18]],
    ] as const) {
      const errors = counts.map((iterations) => error({ solver, iterations }));
      for (const [i, one] of errors.slice(1).entries()) expect(one, `${solver} ${counts[i + 1]}`).toBeLessThan(errors[i]!);
    }
  });

  it('and with the identity the inner product of the gradients', () => {
    expect(found({ solver: 'identity' }).value / fixture.identity).toBeCloseTo(1, 4);
  });

  it('with the defaults within a tenth, on this network', () => {
    const defaults = learnedOptions.parse({ damping });
    expect(error({ ...defaults })).toBeLessThan(0.1);
  });
});
