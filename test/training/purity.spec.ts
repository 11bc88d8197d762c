import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { CONTRACT_VERSION, definePiece, definePlugin, EquimodalError, type Encoder, type Engine, type Method } from '@equimodal/core';
import { startTestEngine, usableTestEngines } from '@equimodal/engine';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { hostWith, trainToy, type Toy } from './support.js';

const usable = await usableTestEngines();

/** An encoder of someone else's plugin. */
const encoderPlugin = (apply: Encoder['apply']) =>
  definePlugin({
    name: 'third-party',
    contractVersion: CONTRACT_VERSION,
    provides: [
      definePiece({
        kind: 'encoder',
        id: 'peeking',
        description: 'hands its input on, made for a test',
        facts: {},
        options: z.object({}),
        create: (): Encoder => ({ featureSize: 8, init: () => ({ params: {}, state: {} }), apply }),
      }),
    ],
  });
const withEncoder = (apply: Encoder['apply']): Toy => {
  const host = hostWith();
  host.add(encoderPlugin(apply));
  return { host, encoders: { default: 'peeking' } };
};
const withMethod = (method: Method): Toy => ({ host: hostWith({ impure: () => method }), recipe: { methods: ['impure'] } });
const first = (tensors: Readonly<Record<string, Tensor>>): Tensor => Object.values(tensors)[0]!;

/** What is wrong; who did it, as the message must say; how the message goes on. */
const IMPURE: [string, string, RegExp, () => Toy][] = [
  [
    'a hook that reads a loss',
    'method "impure", hook losses',
    /reads the value of a tensor \(dataSync\)/,
    () => withMethod({ losses: ({ terms }) => terms.map((term) => ({ ...term, weight: term.value.dataSync()[0]! })) }),
  ],
  [
    'a hook that asks for the values of the gradients, as nested arrays',
    'method "impure", hook gradients',
    /reads the value of a tensor \(/,
    () => withMethod({ gradients: ({ gradients }) => (first(gradients).arraySync() === 0 ? gradients : undefined) }),
  ],
  [
    'a hook that draws from a global generator',
    'method "impure", hook features',
    /draws a random number \(randomUniform\)/,
    () => withMethod({ features: ({ features }) => ({ sampleWeights: tf.randomUniform([first(features).shape[0]!]) }) }),
  ],
  [
    'an inference rule that reads',
    'method "impure", hook predict',
    /reads the value of a tensor \(dataSync\)/,
    () => withMethod({ predict: ({ fused }) => tf.mul(fused.logits, fused.logits.dataSync()[0]!) }),
  ],
  [
    'an encoder that reads its input',
    'encoder "peeking" of modality "audio"',
    /reads the value of a tensor \(dataSync\)/,
    () => withEncoder((_scope, input) => ({ features: tf.mul(input, input.dataSync()[0]! > 0 ? 1 : 2) })),
  ],
  [
    'an encoder that drops out with a seed of its own',
    'encoder "peeking" of modality "audio"',
    /draws a random number \(\w+\)/,
    () => withEncoder((_scope, input) => ({ features: tf.dropout(input, 0.5, undefined, 7) })),
  ],
];

async function refusal(engine: Engine, toy: Toy, epochs: number): Promise<EquimodalError> {
  const before = tf.memory().numTensors;
  const error: unknown = await trainToy(engine, { ...toy, training: { epochs } }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(EquimodalError);
  expect(tf.memory().numTensors).toBe(before);
  return error as EquimodalError;
}

describe.each(IMPURE)('%s', (_name, who, what, make) => {
  // Few calls run eagerly everywhere; many are captured where the engine can.
  const refused = ['native', 'wasm'].flatMap((id) => [1, 20].map((epochs) => [id, epochs] as const));
  const messages = new Set<string>();

  it.for(refused)('is refused on %s in a run of %i epochs, naming piece, hook, op and line', async ([id, epochs], context) => {
    if (!usable.includes(id)) return context.skip(`engine ${id} cannot be used here`);
    const { code, message, where, fix } = await refusal(await startTestEngine(id), make(), epochs);
    expect(code).toBe('EQM_STEP_IMPURE');
    expect(message.startsWith(`${who}: program `)).toBe(true);
    expect(message).toMatch(what);
    expect(where).toMatch(/purity\.spec\.ts:\d+/);
    expect(fix).not.toBe('');
    messages.add(`${message} at ${where}`);
  });

  it('is refused in the same words everywhere', () => {
    expect([...messages]).toHaveLength(1);
  });
});
