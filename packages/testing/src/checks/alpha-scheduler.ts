import * as tf from '@tensorflow/tfjs-core';
import type { BilevelProblem, Tree } from '@equimodal/core';
import { expect, it } from '../runner/runner.js';
import type { Trial } from '../kit/conformance.js';

const EPOCHS = 12;

/** A bilevel problem with quadratic objectives: L_cls = |x - 1|^2 / 2, L_align = |x + 1|^2 / 2. */
function quadratic(params: Tree): BilevelProblem {
  const x = (tree: Tree): tf.Tensor => tree['x']!;
  const towards = (tree: Tree, target: number): Tree => ({ x: tf.sub(x(tree), target) });
  const loss = (tree: Tree, target: number): number =>
    tf.tidy(() => tf.mul(tf.sum(tf.square(tf.sub(x(tree), target))), 0.5).dataSync()[0]!);
  return {
    params,
    weightDecay: 0,
    inner: (tree) => ({
      classification: towards(tree, 1),
      alignment: towards(tree, -1),
      losses: { classification: loss(tree, 1), alignment: loss(tree, -1) },
    }),
    total: (tree, alpha) => tf.tidy(() => ({ x: tf.add(tf.mul(tf.sub(x(tree), 1), 1 - alpha), tf.mul(tf.add(x(tree), 1), alpha)) })),
    // The Hessian of the total is the identity.
    product: (direction) => ({ x: tf.clone(x(direction)) }),
    paths: ['x'],
    leaf: (tree) => tf.clone(x(tree)),
    outer: (tree) => ({ classification: towards(tree, 1), loss: loss(tree, 1) }),
  };
}

export function checkAlphaScheduler({ host, piece, options }: Trial): void {
  const make = () => host.create('alpha-scheduler', { use: piece.id, options }, { epochs: EPOCHS });
  const alphas = (scheduler: ReturnType<typeof make>, from: number, to: number, start: number): number[] => {
    let alpha = start;
    return Array.from({ length: to - from }, (_, i) => {
      const params = { x: tf.tensor1d([0.3, -0.2]) };
      const update = scheduler.update({ epoch: from + i, step: 0, epochs: EPOCHS, stepsPerEpoch: 5, alpha }, () => quadratic(params));
      params.x.dispose();
      alpha = update.alpha;
      for (const [name, value] of Object.entries(update.details ?? {})) expect(Number.isFinite(value), name).toBe(true);
      return alpha;
    });
  };

  it('stays in [0, 1] from the first epoch to the last and leaks no tensor', () => {
    const scheduler = make();
    const before = tf.memory().numTensors;
    for (const alpha of [scheduler.initial, ...alphas(scheduler, 0, EPOCHS, scheduler.initial)]) {
      expect(alpha).toBeGreaterThanOrEqual(0);
      expect(alpha).toBeLessThanOrEqual(1);
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it('goes on after state and restore as if nothing had happened', () => {
    const whole = make();
    const all = alphas(whole, 0, EPOCHS, whole.initial);
    const first = make();
    const head = alphas(first, 0, 5, first.initial);
    const saved = JSON.parse(JSON.stringify(first.state?.() ?? null)) as never;
    const second = make();
    if (saved !== null) second.restore?.(saved);
    expect([...head, ...alphas(second, 5, EPOCHS, head.at(-1)!)]).toEqual(all);
  });
}
