import * as tf from '@tensorflow/tfjs-core';
import { RandomStream, type Program, type Tree } from '@equimodal/core';
import { disposeTree, NO_VARIABLES, openScope, prefixTree, subTree, valueAndGradients } from '@equimodal/nn';
import { describe, expect, it } from '../runner/runner.js';
import { modalityCounts, modalityNames } from '../kit/cases.js';
import type { Trial } from '../kit/conformance.js';
import { expectReplay } from '../replay/replay.js';
import { expectGradient, expectNoLeak, labels, moved, normal } from './tensors.js';

const [BATCH, SIZE, CLASSES] = [5, 6, 3];

export function checkAlignment({ host, engine, piece, options }: Trial): void {
  describe.each(modalityCounts(piece.facts).filter((count) => count > 1))('with %i modalities', (count) => {
    const modalities = modalityNames(count);
    const make = () =>
      host.create(
        'alignment',
        { use: piece.id, options },
        { modalities, classes: CLASSES, featureSizes: Object.fromEntries(modalities.map((name) => [name, SIZE])) },
      );
    const each = (of: (name: string) => tf.Tensor): Tree => Object.fromEntries(modalities.map((name) => [name, of(name)]));
    const inputs = (call = 0): Tree => ({
      ...prefixTree(
        'features',
        each((name) => normal([BATCH, SIZE], `features ${name} ${call}`)),
      ),
      ...prefixTree(
        'unimodal',
        each((name) => normal([BATCH, CLASSES], `logits ${name} ${call}`)),
      ),
    });
    const run = (tree: Tree): tf.Tensor => {
      const alignment = make();
      const { params, state } = alignment.init?.(new RandomStream(1)) ?? NO_VARIABLES;
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

    it('is lower when the modalities agree', (context) => {
      const { params, state } = make().init?.(new RandomStream(1)) ?? NO_VARIABLES;
      disposeTree(params);
      disposeTree(state);
      if (Object.keys(params).length > 0) return context.skip('its parameters are not trained, so equal features may be far apart');
      tf.tidy(() => {
        const tree = inputs();
        const same = Object.fromEntries(
          Object.entries(tree).map(([path, leaf]) => [path, tree[path.replace(/\/.*/, `/${modalities[0]}`)] ?? leaf]),
        );
        expect(run(same).dataSync()[0]!).toBeLessThan(run(tree).dataSync()[0]!);
      });
    });

    it('replays as a graph: value and gradients agree with eager execution', () => {
      const alignment = make();
      const program: Program = {
        name: `alignment ${piece.id}`,
        run: ({ params, state, batch, controls }) => {
          const { scope } = openScope({ params: params!, state: state!, training: true, key: controls!['key']! });
          const { labels, ...tree } = batch! as { labels: tf.Tensor } & Tree;
          const input = { modalities, features: subTree('features', tree), unimodal: subTree('unimodal', tree), labels };
          const leaves = { ...tree, ...prefixTree('params', params!) };
          const { value, gradients } = valueAndGradients(() => ({ value: alignment.compute(input, scope), aux: {} }), leaves);
          return { outputs: { value }, gradients };
        },
      };
      expectReplay(engine(), program, (call) => {
        const { params, state } = alignment.init?.(new RandomStream(call)) ?? NO_VARIABLES;
        return {
          params,
          state: moved(state, call),
          batch: { ...inputs(call), labels: labels(BATCH, CLASSES, call) },
          controls: { key: tf.tensor1d([call, 7], 'int32') },
        };
      });
    });

    it('leaks no tensor', () => {
      expectNoLeak(() => tf.tidy(() => void run(inputs())));
    });
  });
}
