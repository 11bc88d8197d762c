import * as tf from '@tensorflow/tfjs-core';
import { RandomStream, type Fused, type Fusion, type Program, type Scope, type Tree } from '@equimodal/core';
import { disposeTree, mapTree, openScope, prefixTree, subTree, valueAndGradients } from '@equimodal/nn';
import { describe, expect, it } from '../runner/runner.js';
import { modalityCounts, modalityNames, usualCount } from '../kit/cases.js';
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
        {
          modalities,
          classes: CLASSES,
          featureSizes: Object.fromEntries(modalities.map((name) => [name, SIZE])),
          stages: stagesOf(modalities),
        },
      );
    const maps = (fusion: Fusion, call = 0): Tree => stageMaps(fusion, modalities, call);
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

    it('has gradients in parameters, features and maps that agree with finite differences', () => {
      const fusion = make();
      const { params, state } = fusion.init(new RandomStream(1));
      const given = { ...prefixTree('features', features()), ...prefixTree('maps', maps(fusion)) };
      const weights = normal([BATCH, CLASSES], 'weights');
      const value = (withParams: Tree, inputs: Tree): tf.Tensor => {
        const logits = tf.mean(tf.mul(pass(fusion, withParams, state, subTree('features', inputs)).logits, weights));
        const { scope } = openScope({ params: withParams, state, training: true, key: tf.tensor1d([1, 2], 'int32') });
        const exchanged = Object.values(exchangeAll(fusion, scope, subTree('maps', inputs)));
        return exchanged.reduce<tf.Tensor>((sum, leaf) => tf.add(sum, tf.mean(tf.square(leaf))), logits);
      };
      expectGradient((tree) => value(tree, given), params);
      expectGradient((tree) => value(params, tree), given);
      for (const tree of [params, state, given]) disposeTree(tree);
      weights.dispose();
    });

    it('predicts without some modalities, or says in its facts why it cannot', () => {
      const fusion = make();
      const { params, state } = fusion.init(new RandomStream(1));
      expect(fusion.partial === undefined, 'no partial, facts.missing').toBe(piece.facts.missing !== undefined);
      tf.tidy(() => {
        if (fusion.partial === undefined) return;
        const { scope } = openScope({ params, state, training: false });
        const given = features();
        const all = [...fusion.apply(scope, given).logits.dataSync()];
        const same = [...fusion.partial(scope, given).dataSync()];
        for (const [i, value] of all.entries()) expect(same[i], 'all modalities there').toBeCloseTo(value, 4);
        for (const alone of modalities) {
          const logits = fusion.partial(scope, { [alone]: given[alone]! });
          expect(logits.shape).toEqual([BATCH, CLASSES]);
          expectFinite(logits, `${alone} alone`);
        }
        expect(() => fusion.partial!(scope, {})).toThrow(expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' }));
        disposeTree(given);
      });
      disposeTree(params);
      disposeTree(state);
    });

    it('exchanges maps after stages of the encoders, and says in its facts that it needs them', () => {
      const fusion = make();
      const { params, state } = fusion.init(new RandomStream(1));
      expect(fusion.exchange !== undefined).toBe(piece.facts.needs?.includes('stages') ?? false);
      tf.tidy(() => {
        const { scope } = openScope({ params, state, training: true, key: tf.tensor1d([1, 2], 'int32') });
        const given = maps(fusion);
        const exchanged = exchangeAll(fusion, scope, given);
        expect(mapShapes(exchanged)).toEqual(mapShapes(given));
        for (const [name, leaf] of Object.entries(exchanged)) expectFinite(leaf, name);
        disposeTree(given);
      });
      disposeTree(params);
      disposeTree(state);
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

    if (count !== usualCount(piece.facts)) return;

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
            const exchanged = exchangeAll(fusion, scope, subTree('maps', batch!));
            const { logits, unimodal } = fusion.apply(scope, subTree('features', batch!));
            // Every head and every map enters the value, so that every gradient is looked at.
            const heads = tf.mean(tf.mul(tf.addN([logits, ...Object.values(unimodal)]), batch!['weights']!));
            const value = Object.values(exchanged).reduce<tf.Tensor>((sum, leaf) => tf.add(sum, tf.mean(leaf)), heads);
            const aux = {
              logits,
              ...prefixTree('unimodal', unimodal),
              ...prefixTree('maps', exchanged),
              ...prefixTree('state', newState()),
            };
            return { value, aux };
          }, leaves);
          return { outputs: aux, gradients };
        },
      };
      expectReplay(engine(), program, (call) => {
        const { params, state } = fusion.init(new RandomStream(call));
        return {
          params,
          state: moved(state, call),
          batch: {
            ...prefixTree('features', features(call)),
            ...prefixTree('maps', maps(fusion, call)),
            weights: normal([BATCH, CLASSES], `weights ${call}`),
          },
          controls: { key: tf.tensor1d([call, 7], 'int32') },
        };
      });
    });
  });
}

/** Encoders of four stages whose numbers of channels differ from modality to modality. */
function stagesOf(modalities: readonly string[]): Record<string, readonly number[]> {
  return Object.fromEntries(modalities.map((name, i) => [name, [2 + i, 3, 4, 2]]));
}

/** Maps of every stage that a fusion exchanges, `<stage>/<modality>`: of images, and of clips for every second modality. */
function stageMaps({ exchange }: Fusion, modalities: readonly string[], call: number): Tree {
  const channels = stagesOf(modalities);
  return Object.fromEntries(
    (exchange?.after ?? []).flatMap((stage) =>
      modalities.map((name, i) => {
        const positions = i % 2 === 0 ? [2, 3] : [2, 2, 1];
        return [`${stage}/${name}`, normal([BATCH, ...positions, channels[name]![stage - 1]!], `maps ${stage} ${name} ${call}`)];
      }),
    ),
  );
}

function exchangeAll({ exchange }: Fusion, scope: Scope, maps: Tree): Tree {
  const after = (stage: number) => prefixTree(`${stage}`, exchange!.apply(scope, stage, subTree(`${stage}`, maps)));
  return Object.assign({}, ...(exchange?.after ?? []).map(after)) as Tree;
}

const mapShapes = (tree: Tree): Record<string, number[]> =>
  Object.fromEntries(Object.entries(tree).map(([path, leaf]) => [path, leaf.shape]));
