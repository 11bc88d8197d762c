import { RandomStream, type Engine, type Program } from '@equimodal/core';
import { resnet18, resnet50 } from '@equimodal/encoders';
import { programFlops, startTestEngine } from '@equimodal/engine';
import { openScope } from '@equimodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { trainToy } from './support.js';

describe('floating-point operations', () => {
  let engine: Engine;
  beforeAll(async () => void (engine = await startTestEngine()));

  // Multiply-adds at 224 x 224 as fvcore counts torchvision's models, less the classifier: 1.814e9 and 4.089e9.
  it.each([
    ['resnet18', resnet18, 1_814_073_344 - 512 * 1000],
    ['resnet50', resnet50, 4_089_184_256 - 2048 * 1000],
  ] as const)('of %s are twice the multiply-adds that are known of it', async (_, piece, multiplyAdds) => {
    const encoder = piece.create(
      piece.options!.parse({}) as never,
      { modality: { name: 'image', kind: 'image', shape: [224, 224, 3] } },
      undefined as never,
    );
    const { params, state } = encoder.init(new RandomStream(1));
    const program: Program = {
      name: 'encode',
      run: ({ params: own, state: running, batch }) => {
        const { scope } = openScope({ params: own!, state: running!, training: false });
        return { out: { features: encoder.apply(scope, batch!['x']!).features } };
      },
    };
    const x = tf.zeros([1, 224, 224, 3]);
    const flops = await programFlops(program, { params, state, batch: { x } });
    tf.dispose([params, state, x] as unknown as tf.TensorContainer);
    expect(Math.abs(flops / (2 * multiplyAdds) - 1)).toBeLessThan(1e-3);
  });

  it('of a run are counted for one sample, and leave no tensor', async () => {
    const before = tf.memory().numTensors;
    const { result, signals } = await trainToy(engine, {
      encoders: { audio: { use: 'mlp', hidden: [5], features: 4 }, image: { use: 'mlp', hidden: [], features: 4 } },
    });
    // Encoders 8 x 5 + 5 x 4 and 8 x 4, the head 8 x 3; read-outs of each modality are shares of the head.
    expect(result.flops).toBeGreaterThanOrEqual(2 * (40 + 20 + 32 + 24));
    expect(result.flops).toBeLessThanOrEqual(2 * (40 + 20 + 32 + 2 * 24));
    expect(signals.filter((signal) => signal.type === 'warning' && signal.source === 'flops')).toEqual([]);
    expect(tf.memory().numTensors).toBeLessThanOrEqual(before + 1);
  });
});
