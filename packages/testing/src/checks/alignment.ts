import * as tf from '@tensorflow/tfjs-core';
import { RandomStream, type Tree } from '@equimodal/core';
import { disposeTree, NO_VARIABLES, openScope, prefixTree, subTree } from '@equimodal/nn';
import { describe, expect, it } from 'vitest';
import { modalityCounts, modalityNames } from '../kit/cases.js';
import type { Trial } from '../kit/conformance.js';
import { expectGradient, expectNoLeak, labels, normal } from './tensors.js';

const [BATCH, SIZE, CLASSES] = [5, 6, 3];

export function checkAlignment({ host, piece, options }: Trial): void {
  describe.each(modalityCounts(piece.facts).filter((count) => count > 1))('with %i modalities', (count) => {
    const modalities = modalityNames(count);
    const make = () =>
      host.create(
        'alignment',
        { use: piece.id, options },
        { modalities, classes: CLASSES, featureSizes: Object.fromEntries(modalities.map((name) => [name, SIZE])) },
      );
    const inputs = (): Tree => ({
      ...prefixTree('features', Object.fromEntries(modalities.map((name) => [name, normal([BATCH, SIZE], `features ${name}`)]))),
      ...prefixTree('unimodal', Object.fromEntries(modalities.map((name) => [name, normal([BATCH, CLASSES], `logits ${name}`)]))),
    });
    const run = (tree: Tree, seed = 1): tf.Tensor => {
      const alignment = make();
      const { params, state } = alignment.init?.(new RandomStream(seed)) ?? NO_VARIABLES;
      const { scope } = openScope({ params, state, training: true, key: tf.tensor1d([1, 2], 'int32') });
      return alignment.compute(
        { modalities, features: subTree('features', tree), unimodal: subTree('unimodal', tree), labels: labels(BATCH, CLASSES) },
        scope,
      );
    };

    it('is a finite scalar with a gradient that agrees with finite differences', () => {
      const tree = inputs();
      tf.tidy(() => {
        const value = run(tree);
        expect(value.shape).toEqual([]);
        expect(Number.isFinite(value.dataSync()[0]!)).toBe(true);
      });
      expectGradient((at) => run(at), tree);
      disposeTree(tree);
    });

    it('is lower when the modalities agree', () => {
      tf.tidy(() => {
        const tree = inputs();
        const same = Object.fromEntries(
          Object.entries(tree).map(([path, leaf]) => [path, tree[path.replace(/\/.*/, `/${modalities[0]}`)] ?? leaf]),
        );
        expect(run(same).dataSync()[0]!).toBeLessThan(run(tree).dataSync()[0]!);
      });
    });

    it('leaks no tensor', () => {
      expectNoLeak(() => tf.tidy(() => void run(inputs())));
    });
  });
}
