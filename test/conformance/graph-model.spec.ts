import { builtInHost } from '@equimodal/cli';
import { ConfigSource, RandomStream, resolveExperiment, SignalBus, type Engine, type ModalityKind, type Tree } from '@equimodal/core';
import { encoders } from '@equimodal/encoders';
import { graphModel, selectEngine, usableTestEngines, type GraphModel } from '@equimodal/engine';
import { fusion } from '@equimodal/fusion';
import { toyPlugin } from '@equimodal/testing';
import { buildModel, evaluationProgram, QueuedControls } from '@equimodal/training';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { SHAPES, SMALL } from './small.js';

const usable = await usableTestEngines();
const host = builtInHost();
host.add(toyPlugin());

describe.skipIf(!usable.includes('native'))('every piece as a GraphModel', () => {
  let engine: Engine;
  beforeAll(async () => {
    ({ engine } = await selectEngine({ requested: 'native' }));
  });

  async function written(encoder: string, fused: string, kind: ModalityKind): Promise<GraphModel> {
    const shape = SMALL[encoder]?.shape ?? SHAPES[kind];
    const names = ['first', 'second'];
    const modalities = names.map((name) => ({ name, kind, shape }));
    const source = ConfigSource.of({
      dataset: { use: 'kit-toy', kind, shape, modalities: names },
      encoders: { default: { use: encoder, ...SMALL[encoder]?.options } },
      recipes: [{ as: 'tried', fusion: { use: fused, ...SMALL[fused]?.options }, losses: ['cross-entropy'] }],
    });
    const recipe = (await resolveExperiment(host, source)).recipes[0]!;
    const container = host.openRun({ signals: new SignalBus(), controls: new QueuedControls(), random: new RandomStream(5), engine });
    const model = buildModel(container, recipe, { modalities, classes: 3 });
    const { params, state } = model.init(new RandomStream(5));
    const random = new RandomStream(6);
    const values = (count: number): Float32Array => Float32Array.from({ length: count }, () => random.normal());
    const batch = (rows: number): Tree =>
      Object.fromEntries(
        names.map((name) => {
          const whole = [rows, ...shape];
          const flat = values(whole.reduce((a, b) => a * b, 1));
          const tokens = kind === 'tokens';
          return [
            `inputs/${name}`,
            tf.tensor(tokens ? Int32Array.from(flat, (x) => (x > 0 ? 1 : 0)) : flat, whole, tokens ? 'int32' : 'float32'),
          ];
        }),
      );
    const before = tf.memory().numTensors;
    try {
      const made = graphModel({
        program: evaluationProgram(model),
        weights: { params, state },
        batch,
        inputs: { 'inputs/first': 'first', 'inputs/second': 'second' },
        outputs: { 'outputs/probabilities': 'probabilities', 'outputs/features/first': 'features/first' },
        size: null,
      });
      expect(tf.memory().numTensors).toBe(before);
      return made;
    } finally {
      tf.dispose([params, state] as unknown as tf.TensorContainer);
      await container.dispose();
    }
  }

  const pieces = [
    ...encoders.provides.map(({ id, facts }) => ({
      piece: id,
      encoder: id,
      fused: 'concat',
      kind: facts.accepts?.[0] ?? ('vector' as const),
    })),
    ...fusion.provides.map(({ id }) => ({ piece: id, encoder: 'lenet', fused: id, kind: 'image' as const })),
  ].filter(({ encoder }) => encoder !== 'frozen');

  it.each(pieces)('$piece runs in plain TensorFlow.js, for batches of any size', async ({ encoder, fused, kind }) => {
    const made = await written(encoder, fused, kind);
    expect(made.batch).toBe(-1);
    expect(made.largestDifference).toBeLessThan(1e-5);
    expect(made.weights.length).toBeGreaterThan(0);
  });
});
