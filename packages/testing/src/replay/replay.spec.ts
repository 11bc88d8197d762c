import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Bundle, Engine, Program } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { disposeTree } from '@equimodal/nn';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectNoLeak } from '../checks/tensors.js';
import { expectReplay, replayCheck } from './replay.js';

let engine: Engine;
beforeAll(async () => {
  engine = await startTestEngine();
});

const program = (run: (x: Tensor) => Record<string, Tensor>): Program => ({ name: 'tried', run: ({ d }) => ({ o: run(d!['x']!) }) });
const inputs = (call: number): Bundle => ({ d: { x: tf.tensor1d([call, 1, 2]) } });

/** An engine that says it captures and does what `compile` says. */
const fake = (compile: Engine['compile']): Engine => ({
  ...{ id: 'fake', backend: 'fake', gpu: false, native: null, versions: {}, threads: 1, capture: true },
  memory: () => ({ tensors: 0, bytes: 0 }),
  compile,
});
const again = fake(({ run }) => Object.assign((given: Bundle) => run(given), { dispose: () => undefined }));
/** Replays by heart: the outputs of the first call, whatever the inputs. */
const stale = fake(({ run }) => {
  let first: Bundle | undefined;
  return Object.assign((given: Bundle) => ({ o: { y: tf.clone((first ??= run(given))['o']!['y']!) } }), {
    dispose: () => disposeTree(first!['o']!),
  });
});

describe('expectReplay', () => {
  it('passes a pure program, hands no tensor on and keeps none', () => {
    const pure = program((x) => {
      const y = tf.square(x);
      return { y, again: y, same: x, constant: tf.scalar(3) };
    });
    expectNoLeak(() => expectReplay(engine, pure, inputs));
  });

  it('finds a number that changes from call to call', () => {
    let calls = 0;
    const counting = program((x) => ({ y: tf.add(x, ++calls) }));
    expectNoLeak(() =>
      expect(() => expectReplay(engine, counting, inputs)).toThrow(
        /program tried, call 1: the compiled program disagrees with eager execution in o\/y: differs by 1/,
      ),
    );
  });

  it('finds outputs that come and go', () => {
    let calls = 0;
    const fickle = program((x) => ({ y: tf.neg(x), ...(++calls % 2 === 0 ? { z: tf.abs(x) } : {}) }));
    expect(() => expectReplay(engine, fickle, inputs)).toThrow(/disagrees .*names of its outputs: o\/y, expected o\/y o\/z/);
  });

  it('holds what replaces an input to the size of the change, not to its own', () => {
    const step = (rate: number): Program => ({ name: 'step', run: ({ d }) => ({ d: { x: tf.sub(d!['x']!, tf.scalar(rate)) } }) });
    const hasty = fake(() => again.compile(step(0.02)));
    const large = (call: number): Bundle => ({ d: { x: tf.tensor1d([100 + call, 200]) } });
    expect(() => expectReplay(hasty, step(0.01), large)).toThrow(/program step, call 1: .* d\/x: differs by 0\.01/);
  });

  it('lets a refusal of the engine through', () => {
    expect(() =>
      expectReplay(
        engine,
        program((x) => ({ y: tf.mul(x, x.dataSync()[1]!) })),
        inputs,
      ),
    ).toThrow(expect.objectContaining({ code: 'EQM_STEP_IMPURE' }));
  });

  it('finds a replay that does not follow its inputs', () => {
    expect(() =>
      expectReplay(
        stale,
        program((x) => ({ y: tf.neg(x) })),
        inputs,
      ),
    ).toThrow(/program tried, call 2: .* o\/y: differs by 1/);
  });

  it('finds a program that is run again at every call', () => {
    expect(() =>
      expectReplay(
        again,
        program((x) => ({ y: tf.neg(x) })),
        inputs,
      ),
    ).toThrow('it ran 6 times in 6 calls');
  });
});

describe('replayCheck', () => {
  const call = (
    check: { readonly engine: Engine },
    times: number,
    run = (x: Tensor): Record<string, Tensor> => ({ y: tf.neg(x) }),
  ): void => {
    const step = check.engine.compile(program(run), { calls: 1 });
    for (let i = 0; i < times; i++) {
      const given = inputs(i);
      disposeTree(step(given)['o']!);
      disposeTree(given['d']!);
    }
    step.dispose();
  };

  it('wants one program that was called often enough to tell', () => {
    const check = replayCheck(again);
    call(check, 3);
    expect(() => check.verify()).toThrow(/not called often enough|at least 4 calls/);
  });

  it('passes warnings on, and fails by them', () => {
    const warned: string[] = [];
    const check = replayCheck(
      fake((tried, options) => {
        options?.onWarning?.('slow today');
        return again.compile(tried);
      }),
    );
    check.engine.compile(
      program((x) => ({ x })),
      { onWarning: (message) => warned.push(message) },
    );
    expect(warned).toEqual(['slow today']);
    expect(() => check.verify()).toThrow('the engine warned: slow today');
  });

  it('captures rare programs as well, where the engine can', () => {
    const check = replayCheck(engine);
    call(check, 5);
    check.verify();
  });

  it('finds a number that changes after the engine has stopped comparing', (context) => {
    if (!engine.capture) return context.skip(`engine ${engine.id} does not replay`);
    const check = replayCheck(engine);
    let factor = 1;
    call(check, 4, (x) => ({ y: tf.mul(x, factor) }));
    check.verify();
    const late = replayCheck(engine);
    const step = late.engine.compile(program((x) => ({ y: tf.mul(x, factor) })));
    const given = inputs(1);
    for (let i = 0; i < 4; i++) disposeTree(step(given)['o']!);
    factor = 2;
    expect(() => step(given)).toThrow(/call 5: .* o\/y/);
    step.dispose();
    disposeTree(given['d']!);
  });

  it('finds a program that cannot be written as a graph', (context) => {
    if (!engine.capture) return context.skip(`engine ${engine.id} does not replay`);
    const check = replayCheck(engine);
    call(check, 5, (x) => ({ y: tf.add(x, tf.cast(tf.equal(tf.tensor1d(['a']), tf.tensor1d(['a'])), 'float32')) }));
    expect(() => check.verify()).toThrow(/the engine warned: program tried .*strings/);
  });
});
