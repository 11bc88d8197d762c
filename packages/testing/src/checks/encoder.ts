import * as tf from '@tensorflow/tfjs-core';
import { RandomStream, type Encoder, type ModalityKind, type ModalitySpec, type Program, type Tree } from '@equimodal/core';
import { disposeTree, openScope, prefixTree, valueAndGradients } from '@equimodal/nn';
import { expect, it } from '../runner/runner.js';
import type { Trial } from '../kit/conformance.js';
import { expectReplay } from '../replay/replay.js';
import { expectFinite, expectGradient, expectNoLeak, moved, normal, takeValues } from './tensors.js';

const SHAPES: Record<ModalityKind, readonly number[]> = {
  vector: [12],
  image: [16, 16, 1],
  spectrogram: [16, 12, 1],
  sequence: [7, 5],
  video: [3, 16, 16, 1],
  tokens: [9],
};

const isBelow = (path: string, prefix: string): boolean => path === prefix || path.startsWith(`${prefix}/`);

export function checkEncoder({ host, engine, piece, options, tried }: Trial): void {
  const kind = piece.facts.accepts?.[0] ?? 'vector';
  const modality: ModalitySpec = tried.modality ?? { name: 'input', kind, shape: SHAPES[kind] };
  const make = (): Encoder => host.create('encoder', { use: piece.id, options }, { modality });
  const input = (name: string | number = 'input'): tf.Tensor =>
    modality.kind === 'tokens'
      ? tf.tidy(() => tf.cast(tf.abs(tf.mul(normal([4, ...modality.shape], `tokens ${name}`), 3)), 'int32'))
      : normal([4, ...modality.shape], `${name}`);
  const pass = (encoder: Encoder, params: Tree, state: Tree, training: boolean) => {
    const { scope, newState } = openScope({ params, state, training, key: tf.tensor1d([1, 2], 'int32') });
    return { ...encoder.apply(scope, input()), newState: newState() };
  };

  it('maps [batch, ...shape] to finite float32 features [batch, featureSize], in training and evaluation', () => {
    const encoder = make();
    const { params, state } = encoder.init(new RandomStream(1));
    for (const training of [true, false]) {
      tf.tidy(() => {
        const { features } = pass(encoder, params, state, training);
        expect(features.shape).toEqual([4, encoder.featureSize]);
        expect(features.dtype).toBe('float32');
        expectFinite(features, 'features');
      });
    }
    disposeTree(params);
    disposeTree(state);
  });

  it('has stages exactly where its facts say so, whose maps lead to the same features', () => {
    const encoder = make();
    const { stages } = encoder;
    expect(stages !== undefined).toBe(piece.facts.staged === true);
    if (stages === undefined) return;
    const { params, state } = encoder.init(new RandomStream(1));
    tf.tidy(() => {
      const { scope } = openScope({ params, state, training: true, key: tf.tensor1d([1, 2], 'int32') });
      let maps = input();
      for (const [i, channels] of stages.channels.entries()) {
        maps = stages.run(scope, i + 1, maps);
        expect([maps.shape[0], maps.shape.at(-1)], `stage ${i + 1}`).toEqual([4, channels]);
        expect(maps.rank, `stage ${i + 1}`).toBeGreaterThanOrEqual(2);
      }
      const { features } = pass(encoder, params, state, true);
      expect([...stages.end(scope, maps).dataSync()]).toEqual([...features.dataSync()]);
    });
    disposeTree(params);
    disposeTree(state);
  });

  it('is deterministic under a seed, and another seed gives other variables', () => {
    const values = (seed: number) => {
      const { params, state } = make().init(new RandomStream(seed));
      return { params: takeValues(params), state: takeValues(state) };
    };
    expect(values(1)).toEqual(values(1));
    expect(values(1)).not.toEqual(values(2));
  });

  it('leaves the options `pretrained` and `learningRate` to the host', () => {
    expect(Object.keys(piece.options.shape as object)).not.toEqual(expect.arrayContaining(['pretrained']));
    expect(Object.keys(piece.options.shape as object)).not.toEqual(expect.arrayContaining(['learningRate']));
  });

  it('names variables that it has, and lays its parameters out in layers without repeating one', () => {
    const encoder = make();
    const { params, state } = encoder.init(new RandomStream(1));
    const variables = { ...params, ...state };
    const paths = (encoder.names ?? []).map(({ path }) => path);
    for (const path of paths) expect(variables, 'a variable that `names` speaks of').toHaveProperty([path]);
    expect(new Set(paths).size, 'paths in `names`, each once').toBe(paths.length);
    const prefixes = (encoder.layers ?? []).flat();
    for (const prefix of prefixes) {
      const below = Object.keys(params).filter((path) => isBelow(path, prefix));
      expect(below.length, `parameters below "${prefix}" of \`layers\``).toBeGreaterThan(0);
      for (const path of below)
        expect(
          prefixes.filter((one) => isBelow(path, one)),
          `layers of "${path}"`,
        ).toHaveLength(1);
    }
    disposeTree(params);
    disposeTree(state);
  });

  it('leaves its state alone in evaluation and keeps names and shapes of it in training', () => {
    const encoder = make();
    const { params, state } = encoder.init(new RandomStream(1));
    tf.tidy(() => {
      const evaluated = pass(encoder, params, state, false).newState;
      for (const [path, leaf] of Object.entries(evaluated)) expect(leaf, path).toBe(state[path]);
      const trained = pass(encoder, params, state, true).newState;
      expect(Object.fromEntries(Object.entries(trained).map(([path, leaf]) => [path, leaf.shape]))).toEqual(
        Object.fromEntries(Object.entries(state).map(([path, leaf]) => [path, leaf.shape])),
      );
    });
    disposeTree(params);
    disposeTree(state);
  });

  it('has gradients that agree with finite differences', () => {
    const encoder = make();
    const { params, state } = encoder.init(new RandomStream(1));
    const weights = normal([4, encoder.featureSize], 'weights');
    expectGradient((tree) => tf.mean(tf.mul(pass(encoder, tree, state, false).features, weights)), params, 0.05);
    disposeTree(params);
    disposeTree(state);
    weights.dispose();
  });

  it.each([
    ['training', true],
    ['evaluation', false],
  ] as const)('replays as a graph: features, gradients and state agree with eager execution, in %s', (mode, training) => {
    const encoder = make();
    const program: Program = {
      name: `encoder ${piece.id} in ${mode}`,
      run: ({ params, state, batch, controls }) => {
        const { aux, gradients } = valueAndGradients(() => {
          const { scope, newState } = openScope({ params: params!, state: state!, training, key: controls!['key']! });
          const { features } = encoder.apply(scope, batch!['input']!);
          return { value: tf.mean(tf.mul(features, batch!['weights']!)), aux: { features, ...prefixTree('state', newState()) } };
        }, params!);
        return { outputs: aux, gradients };
      },
    };
    expectReplay(engine(), program, (call) => {
      const { params, state } = encoder.init(new RandomStream(call));
      return {
        params,
        state: moved(state, call),
        batch: { input: input(call), weights: normal([4, encoder.featureSize], `weights ${call}`) },
        controls: { key: tf.tensor1d([call, 7], 'int32') },
      };
    });
  });

  it('leaks no tensor', () => {
    expectNoLeak(() => {
      const encoder = make();
      const { params, state } = encoder.init(new RandomStream(1));
      tf.tidy(() => void pass(encoder, params, state, true));
      disposeTree(params);
      disposeTree(state);
    });
  });
}
