import * as tf from '@tensorflow/tfjs-core';
import { RandomStream, type Fused, type Program, type Tree } from '@equimodal/core';
import { disposeTree, mapTree, openScope, prefixTree, subTree, valueAndGradients } from '@equimodal/nn';
import { describe, expect, it } from 'vitest';
import { modalityCounts, modalityNames } from '../kit/cases.js';
import type { Trial } from '../kit/conformance.js';
import { expectReplay } from '../replay/replay.js';
import { expectFinite, expectGradient, expectNoLeak, moved, normal } from './tensors.js';

const CLASSES = 3;
const SIZE = 6;
const BATCH = 4;

export function checkFusion({ host, engine, piece, options }: Trial): void {
  describe.each(modalityCounts(piece.facts))('with %i modalities', (count) => {
    const modalities = modalityNames(count);
    const make = () =>
      host.create(
        'fusion',
        { use: piece.id, options },
        { modalities, classes: CLASSES, featureSizes: Object.fromEntries(modalities.map((name) => [name, SIZE])) },
      );
    const features = (call = 0): Tree => Object.fromEntries(modalities.map((name) => [name, normal([BATCH, SIZE], `${name} ${call}`)]));
    const pass = (fusion: ReturnType<typeof make>, params: Tree, state: Tree, given: Tree): Fused =>
      fusion.apply(openScope({ params, state, training: true, key: tf.tensor1d([1, 2], 'int32') }).scope, given);

    it('gives fused logits and one read-out per modality, [batch, classes], also from masked features', () => {
      const fusion = make();
      const { params, state } = fusion.init(new RandomStream(1));
      tf.tidy(() => {
        for (const given of [features(), mapTree(features(), (leaf, name) => (name === modalities[0] ? tf.zerosLike(leaf) : leaf))]) {
          const fused = pass(fusion, params, state, given);
          expect(fused.logits.shape).toEqual([BATCH, CLASSES]);
          expectFinite(fused.logits, 'logits');
          expect(Object.keys(fused.unimodal).sort()).toEqual([...modalities].sort());
          for (const [name, own] of Object.entries(fused.unimodal)) {
            expect(own.shape, name).toEqual([BATCH, CLASSES]);
            expectFinite(own, name);
          }
        }
      });
      disposeTree(params);
      disposeTree(state);
    });

    it('has gradients in parameters and features that agree with finite differences', () => {
      const fusion = make();
      const { params, state } = fusion.init(new RandomStream(1));
      const given = features();
      const weights = normal([BATCH, CLASSES], 'weights');
      expectGradient((tree) => tf.mean(tf.mul(pass(fusion, tree, state, given).logits, weights)), params);
      expectGradient((tree) => tf.mean(tf.mul(pass(fusion, params, state, tree).logits, weights)), given);
      for (const tree of [params, state, given]) disposeTree(tree);
      weights.dispose();
    });

    it.each([
      ['training', true],
      ['evaluation', false],
    ] as const)('replays as a graph: logits, gradients and state agree with eager execution, in %s', (mode, training) => {
      const fusion = make();
      const program: Program = {
        name: `fusion ${piece.id} in ${mode}`,
        run: ({ params, state, batch, controls }) => {
          const leaves = { ...prefixTree('params', params!), ...prefixTree('features', subTree('features', batch!)) };
          const { aux, gradients } = valueAndGradients(() => {
            const { scope, newState } = openScope({ params: params!, state: state!, training, key: controls!['key']! });
            const { logits, unimodal } = fusion.apply(scope, subTree('features', batch!));
            // Every head enters the value, so that every gradient is looked at.
            const value = tf.mean(tf.mul(tf.addN([logits, ...Object.values(unimodal)]), batch!['weights']!));
            return { value, aux: { logits, ...prefixTree('unimodal', unimodal), ...prefixTree('state', newState()) } };
          }, leaves);
          return { outputs: aux, gradients };
        },
      };
      expectReplay(engine(), program, (call) => {
        const { params, state } = fusion.init(new RandomStream(call));
        return {
          params,
          state: moved(state, call),
          batch: { ...prefixTree('features', features(call)), weights: normal([BATCH, CLASSES], `weights ${call}`) },
          controls: { key: tf.tensor1d([call, 7], 'int32') },
        };
      });
    });

    it('leaks no tensor', () => {
      expectNoLeak(() => {
        const fusion = make();
        const { params, state } = fusion.init(new RandomStream(1));
        tf.tidy(() => void pass(fusion, params, state, features()));
        disposeTree(params);
        disposeTree(state);
      });
    });
  });
}
