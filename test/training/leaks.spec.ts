import * as tf from '@tensorflow/tfjs-core';
import type { Engine, Method, Signal } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { hostWith, trainToy } from './support.js';

let engine: Engine;
beforeAll(async () => {
  engine = await startTestEngine();
});

/** Everything that was left behind, for the test to clear away. */
const left: tf.Tensor[] = [];
const leave = <T extends tf.Tensor>(tensor: T): T => {
  left.push(tensor);
  return tensor;
};

async function warningsOf(methods: Record<string, () => Method>, debug: boolean): Promise<string[]> {
  const { signals } = await trainToy(engine, {
    host: hostWith(methods),
    recipe: { methods: Object.keys(methods) },
    training: { epochs: 4, batchSize: 24, measureGradients: 'never' },
    request: { debug },
  });
  tf.dispose(left.splice(0));
  return signals.flatMap((signal: Signal) => (signal.type === 'warning' && signal.source === 'leaks' ? [signal.message] : []));
}

describe('the leak watch', () => {
  it('names the method and the hook that keep tensors inside a step', async () => {
    const keeps: Method = { losses: ({ terms }) => (leave(tf.keep(tf.neg(terms[0]!.value))), terms) };
    const innocent: Method = { losses: ({ terms }) => terms.map((term) => ({ ...term, value: tf.mul(term.value, 1) })) };
    const warnings = await warningsOf({ innocent: () => innocent, keeps: () => keeps }, true);
    expect(warnings).toEqual([expect.stringMatching(/^method "keeps", hook losses leaves 1 tensor behind/)]);
  });

  it.each(['stepEnd', 'epochStart', 'epochEnd'] as const)(
    'names the method whose %s makes tensors and never disposes them',
    async (hook) => {
      const grows: Method = { [hook]: () => void leave(tf.tensor1d([1, 2])) };
      expect(await warningsOf({ grows: () => grows }, true)).toEqual([expect.stringMatching(new RegExp(`^method "grows", hook ${hook} `))]);
    },
  );

  it('leaves alone who holds on to tensors once, or takes snapshots', async () => {
    let held: tf.Tensor | undefined;
    const once: Method = {
      stepEnd: () => void (held ??= leave(tf.scalar(1))),
      epochEnd: ({ epoch, snapshot }) => void snapshot(`epoch-${epoch}`),
    };
    expect(await warningsOf({ once: () => once }, true)).toEqual([]);
  });

  it('does not look unless it was asked to', async () => {
    expect(await warningsOf({ grows: () => ({ stepEnd: () => void leave(tf.scalar(1)) }) }, false)).toEqual([]);
  });
});
