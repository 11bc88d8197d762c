import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { onEachEngine } from '../test-engine/checks.fixture.js';
import { startTestEngine } from '../test-engine/test-engine.js';
import type { Tensor } from '@tensorflow/tfjs-core';

onEachEngine((id) => {
  const attempt = async (run: (x: Tensor) => Tensor): Promise<() => unknown> => {
    const engine = await startTestEngine(id);
    const x = tf.tensor1d([1, 2, 3]);
    const step = engine.compile({ name: 'test-step', run: ({ d }) => ({ o: { y: run(d!['x']!) } }) });
    return () => {
      try {
        return step({ d: { x } });
      } finally {
        x.dispose();
      }
    };
  };

  it.each([
    ['dataSync', (x: Tensor) => tf.mul(x, x.dataSync()[0]!)],
    ['arraySync', (x: Tensor) => tf.mul(x, (x.arraySync() as number[])[0]!)],
  ] as [string, (x: Tensor) => Tensor][])('refuses a read inside a step (%s), naming the line', async (_name, run) => {
    expect(await attempt(run)).toThrow(
      expect.objectContaining({
        code: 'EQM_STEP_IMPURE',
        message: expect.stringMatching(/program test-step reads the value of a tensor \(dataSync\)/) as string,
        where: expect.stringMatching(/purity\.spec\.ts:\d+/) as string,
      }),
    );
  });

  it.each([
    ['randomUniform', (x: Tensor) => tf.mul(x, tf.randomUniform(x.shape))],
    ['randomNormal', (x: Tensor) => tf.mul(x, tf.randomNormal(x.shape, 0, 1, 'float32', 7))],
    ['truncatedNormal', (x: Tensor) => tf.mul(x, tf.truncatedNormal(x.shape))],
    ['multinomial', (x: Tensor) => tf.cast(tf.multinomial(x as tf.Tensor1D, 3), 'float32')],
  ] as [string, (x: Tensor) => Tensor][])('refuses a random number that no key governs (%s), seeded or not', async (name, run) => {
    expect(await attempt(run)).toThrow(
      expect.objectContaining({
        code: 'EQM_STEP_IMPURE',
        message: expect.stringMatching(new RegExp(`program test-step draws a random number \\(${name}`, 'i')) as string,
        where: expect.stringMatching(/purity\.spec\.ts:\d+/) as string,
      }),
    );
  });

  it('lets reads through again after the program', async () => {
    await expect(attempt((x) => tf.mul(x, x.dataSync()[0]!)).then((run) => run())).rejects.toThrow(/dataSync/);
    const x = tf.tensor1d([4]);
    expect([...x.dataSync()]).toEqual([4]);
    const drawn = tf.randomUniform([2]);
    expect(drawn.shape).toEqual([2]);
    tf.dispose([x, drawn]);
  });
});
