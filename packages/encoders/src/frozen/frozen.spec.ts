import { Host, RandomStream, type Encoder, type Tree } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { openScope } from '@equimodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectClose, sequence } from '../input/parity.fixture.js';
import { encoders } from '../plugin/plugin.js';

const host = new Host([encoders]);
const modality = { name: 'm', kind: 'image', shape: [16, 16, 1] } as const;
const inside = { use: 'resnet18', width: 2, stem: 'small' };
const make = (use: string, options: object): Encoder =>
  host.create('encoder', { use, options: host.piece('encoder', use).options.parse(options) }, { modality });
const features = (encoder: Encoder, { params, state }: { params: Tree; state: Tree }, training: boolean) => {
  const { scope, newState } = openScope({ params, state, training });
  return { ...encoder.apply(scope, sequence('x', [3, 16, 16, 1])), newState: newState() };
};

describe('frozen', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it('computes in training and evaluation what the encoder inside computes in evaluation, and changes nothing', () => {
    const [plain, encoder] = [make('resnet18', { width: 2, stem: 'small' }), make('frozen', { encoder: inside })];
    const variables = encoder.init(new RandomStream(1));
    const expected = features(plain, plain.init(new RandomStream(1)), false);
    for (const training of [true, false]) {
      const actual = features(encoder, variables, training);
      expectClose(actual.features, { shape: expected.features.shape, data: [...expected.features.dataSync()] }, 1e-7, 'features');
      for (const [path, leaf] of Object.entries(actual.newState)) expect(leaf, path).toBe(variables.state[path]);
    }
    expect(encoder.featureSize).toBe(plain.featureSize);
  });

  it('has state only, under the paths and names of the encoder inside', () => {
    const [plain, encoder] = [make('resnet18', { width: 2, stem: 'small' }), make('frozen', { encoder: inside, cache: false })];
    const { params, state } = encoder.init(new RandomStream(1));
    const own = plain.init(new RandomStream(1));
    expect(params).toEqual({});
    expect(Object.keys(state).sort()).toEqual(Object.keys({ ...own.params, ...own.state }).sort());
    expect(encoder).toMatchObject({ names: plain.names, frozen: { cache: false } });
    expect(encoder.layers).toBeUndefined();
    tf.dispose([{ ...state }, { ...own.params }, { ...own.state }]);
  });

  it('refuses an encoder that there is not, and options of it that are wrong', () => {
    expect(() => make('frozen', { encoder: 'resnet19' })).toThrow(expect.objectContaining({ code: 'EQM_CONFIG_UNKNOWN_ID' }));
    expect(() => make('frozen', { encoder: { use: 'resnet18', width: 0 } })).toThrow(
      expect.objectContaining({ code: 'EQM_CONFIG_INVALID', where: 'encoder "resnet18"' }),
    );
    expect(() => make('frozen', { encoder: 'lstm' })).toThrow(expect.objectContaining({ code: 'EQM_CONFIG_INCOMPATIBLE' }));
    expect(host.piece('encoder', 'frozen').options.safeParse({}).success).toBe(false);
  });
});
