import * as tf from '@tensorflow/tfjs-core';
import {
  CONTRACT_VERSION,
  definePiece,
  definePlugin,
  EquimodalError,
  type Host,
  type AnyPiece,
  type Encoder,
  type Engine,
  type Method,
  type Observer,
  type Plugin,
} from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { RunFolder } from '@equimodal/training';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { hostWith, trainToy, type Toy } from './support.js';

/** Plugin faults are contained: a coded error that names plugin and piece, or a warning; training is never corrupted. */

let engine: Engine;
beforeAll(async () => {
  engine = await startTestEngine();
});

const PLUGIN = 'faulty-plugin';
const plugin = (...provides: readonly object[]): Plugin =>
  definePlugin({ name: PLUGIN, contractVersion: CONTRACT_VERSION, provides: provides as unknown as AnyPiece[] });
const piece = (kind: string, create: () => unknown): object => ({
  ...{ kind, id: 'faulty', description: 'made for a test', facts: {}, options: z.object({}) },
  create,
});
const half = definePiece({
  kind: 'alpha-scheduler',
  id: 'constant',
  description: 'made for a test',
  facts: {},
  options: z.object({}),
  create: () => ({ initial: 0.5, update: () => ({ alpha: 0.5 }) }),
});

describe.each<[string, string, () => unknown]>([
  ['another contract version', 'EQM_PLUGIN_CONTRACT', () => ({ ...plugin(), contractVersion: 99 })],
  ['a requirement that nothing provides', 'EQM_PLUGIN_REQUIRES', () => definePlugin({ ...plugin(), requires: ['fusion:nowhere'] })],
  ['an id that is there already', 'EQM_PLUGIN_DUPLICATE', () => plugin(half)],
  ['a kind that there is not', 'EQM_PLUGIN_CONTRACT', () => plugin(piece('gadget', () => ({})))],
  ['a piece without a factory', 'EQM_PLUGIN_CONTRACT', () => plugin({ ...piece('fusion', () => ({})), create: undefined })],
])('loading a plugin with %s', (_what, code, make) => {
  it('is refused, naming the plugin', () => {
    const host: Host = hostWith();
    expect(() => host.add(make())).toThrow(expect.objectContaining({ code, message: expect.stringContaining(PLUGIN) as string }));
  });
});

const of = (kind: string, create: () => unknown, toy: Toy): Toy => {
  const host = hostWith();
  host.add(plugin(piece(kind, create)));
  return { ...toy, host };
};
const method = (made: Method | (() => Method)): Toy =>
  of('method', () => (typeof made === 'function' ? made() : made), { recipe: { methods: ['faulty'] } });
const encoder = (apply: Encoder['apply']): Toy =>
  of('encoder', () => ({ featureSize: 8, init: () => ({ params: {}, state: {} }), apply }), { encoders: { default: 'faulty' } });
const scheduler = (update: () => unknown): Toy =>
  of('alpha-scheduler', () => ({ initial: 0.5, update }), { recipe: { alignment: 'js', alpha: 'faulty' } });
const wide = (features: Readonly<Record<string, tf.Tensor>>) =>
  Object.fromEntries(Object.entries(features).map(([name, own]) => [name, tf.concat([own, own], 1)]));
const anything = (value: unknown): never => value as never;

/** What is wrong; which piece and place the message names; what it says of it. */
const FAULTS: [string, string, RegExp, () => Toy][] = [
  [
    'a factory that throws',
    'method "faulty"',
    /threw: no/,
    () =>
      method(() => {
        throw new Error('no');
      }),
  ],
  [
    'a factory that makes nothing',
    'fusion "faulty"',
    /without init, apply/,
    () => of('fusion', () => undefined, { recipe: { fusion: 'faulty' } }),
  ],
  [
    'an encoder of another size',
    'encoder "faulty" of modality "audio"',
    /\[16, 16\]; expected a tensor \[16, 8\]/,
    () => encoder((_scope, input) => ({ features: tf.concat([input, input], 1) })),
  ],
  [
    'an encoder that throws',
    'encoder "faulty" of modality "audio"',
    /threw: no/,
    () =>
      encoder(() => {
        throw new Error('no');
      }),
  ],
  [
    'variables that are not tensors',
    'encoder "faulty" of modality "audio"',
    /"kernel" of init is 3/,
    () =>
      of('encoder', () => ({ featureSize: 8, init: () => ({ params: { kernel: 3 }, state: {} }), apply: () => undefined }), {
        encoders: { default: 'faulty' },
      }),
  ],
  [
    'a fusion without a read-out',
    'fusion "faulty"',
    /the read-out of "image" is undefined/,
    () =>
      of(
        'fusion',
        () => ({
          init: () => ({ params: {}, state: {} }),
          apply: (_: unknown, { audio }: { audio: tf.Tensor }) => ({
            logits: tf.slice(audio, [0, 0], [-1, 3]),
            unimodal: { audio: tf.slice(audio, [0, 0], [-1, 3]) },
          }),
        }),
        { recipe: { fusion: 'faulty' } },
      ),
  ],
  [
    'a loss that is no scalar',
    'loss "faulty"',
    /expected a tensor \[\]/,
    () => of('loss', () => ({ compute: ({ logits }: { logits: tf.Tensor }) => tf.sum(logits, 1) }), { recipe: { losses: ['faulty'] } }),
  ],
  [
    'an alignment that is no tensor',
    'alignment "faulty"',
    /the loss is 1;/,
    () => of('alignment', () => ({ compute: () => 1 }), { recipe: { alignment: 'faulty', alpha: { use: 'constant', value: 0.5 } } }),
  ],
  [
    'a hook that throws',
    'method "faulty", hook losses',
    /threw: no/,
    () =>
      method({
        losses: () => {
          throw new Error('no');
        },
      }),
  ],
  [
    'an asynchronous hook',
    'method "faulty", hook features',
    /a promise/,
    () => method({ features: anything(async () => Promise.resolve({})) }),
  ],
  [
    'features of another shape',
    'method "faulty", hook features',
    /"audio" of the features is a float32 tensor \[16, 12\]; expected a tensor \[16, 6\]/,
    () => method({ features: ({ features }) => ({ features: wide(features) }) }),
  ],
  [
    'features that lack a modality',
    'method "faulty", hook features',
    /"image" of the features is undefined/,
    () => method({ features: ({ features }) => ({ features: { audio: features['audio']! } }) }),
  ],
  [
    'weights that are no vector',
    'method "faulty", hook features',
    /"sampleWeights"/,
    () => method({ features: () => ({ sampleWeights: tf.scalar(1) }) }),
  ],
  [
    'features that were disposed',
    'method "faulty", hook features',
    /was disposed/,
    () =>
      method({
        features({ features }) {
          const copy = tf.clone(features['audio']!);
          copy.dispose();
          return { features: { ...features, audio: copy } };
        },
      }),
  ],
  [
    'logits of another shape',
    'method "faulty", hook logits',
    /"logits" is a float32 tensor \[16\]/,
    () => method({ logits: ({ fused }) => ({ ...fused, logits: tf.sum(fused.logits, 1) }) }),
  ],
  ['terms that are no list', 'method "faulty", hook losses', /expected a list/, () => method({ losses: anything(() => ({})) })],
  [
    'two terms of one name',
    'method "faulty", hook losses',
    /two terms "fused"/,
    () => method({ losses: ({ terms }) => [...terms, ...terms] }),
  ],
  [
    'a term of no kind',
    'method "faulty", hook losses',
    /kind of term "mine"/,
    () => method({ losses: ({ terms }) => [...terms, anything({ name: 'mine', value: tf.scalar(1), weight: 1 })] }),
  ],
  [
    'a weight that is no number',
    'method "faulty", hook losses',
    /weight of term "fused" is NaN/,
    () => method({ losses: ({ terms }) => terms.map((term) => ({ ...term, weight: NaN })) }),
  ],
  [
    'gradients that lack a path',
    'method "faulty", hook gradients',
    /is undefined; expected a tensor/,
    () => method({ gradients: ({ gradients }) => Object.fromEntries(Object.entries(gradients).slice(1)) }),
  ],
  [
    'gradients of another shape',
    'method "faulty", hook gradients',
    /of the gradients is/,
    () =>
      method({ gradients: ({ gradients }) => Object.fromEntries(Object.entries(gradients).map(([path, leaf]) => [path, tf.sum(leaf)])) }),
  ],
  [
    'memory that was not declared',
    'method "faulty", hook features',
    /no memory "mine"/,
    () =>
      method({
        features({ memory }) {
          memory.set('mine', tf.scalar(1));
          return undefined;
        },
      }),
  ],
  [
    'memory of another shape',
    'method "faulty", hook features',
    /memory "mine" is/,
    () =>
      method({
        memory: () => ({ mine: tf.scalar(0) }),
        features({ memory }) {
          memory.set('mine', tf.zeros([2]));
          return undefined;
        },
      }),
  ],
  [
    'a report that is no scalar',
    'method "faulty", hook features',
    /report "mine"/,
    () =>
      method({
        features({ report, features }) {
          report('mine', features['audio']!);
          return undefined;
        },
      }),
  ],
  [
    'an update hook that throws',
    'method "faulty", hook update',
    /threw: no/,
    () =>
      method({
        update: () => {
          throw new Error('no');
        },
      }),
  ],
  [
    'a prediction of another shape',
    'method "faulty", hook predict',
    /the prediction is/,
    () => method({ predict: ({ fused }) => tf.sum(fused.logits, 1) }),
  ],
  [
    'a hook between epochs that rejects',
    'method "faulty", hook epochStart',
    /threw: no/,
    () => method({ epochStart: () => Promise.reject(new Error('no')) }),
  ],
  [
    'a control that is no number',
    'method "faulty", hook stepEnd',
    /control "rate" is NaN/,
    () => method({ controls: { rate: 1 }, stepEnd: () => ({ controls: { rate: NaN } }) }),
  ],
  ['a decision that is none', 'method "faulty", hook epochEnd', /the decision is stop/, () => method({ epochEnd: anything(() => 'stop') })],
  ['an alpha above 1', 'alpha-scheduler "faulty"', /alpha is 2;/, () => scheduler(() => ({ alpha: 2 }))],
  [
    'an alpha scheduler that throws',
    'alpha-scheduler "faulty"',
    /threw: no/,
    () =>
      scheduler(() => {
        throw new Error('no');
      }),
  ],
];

describe.each(FAULTS)('%s', (_what, who, says, make) => {
  it('ends the run with a coded error that names piece and plugin, and leaves no tensor', async () => {
    const before = tf.memory().numTensors;
    const error: unknown = await trainToy(engine, make()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(EquimodalError);
    const { code, message, where } = error as EquimodalError;
    expect(code).toBe('EQM_PLUGIN_FAULT');
    expect(message).toContain(who);
    expect(message).toMatch(says);
    expect(where).toContain(`plugin "${PLUGIN}"`);
    expect(tf.memory().numTensors).toBe(before);
  });
});

const throws = (): never => {
  throw new Error('no');
};
const watcher = (changes: Partial<Observer>): Observer => ({ start: () => undefined, stop: () => undefined, ...changes });
const stall = (milliseconds: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

/** What an observer does wrong, and what the warning says. */
const OBSERVERS: [string, RegExp, () => Observer][] = [
  ['throws when it starts', /observer "faulty" threw in start: no/, () => watcher({ start: throws })],
  ['throws at every signal', /observer "faulty" threw: no/, () => watcher({ start: (signals) => void signals.all$.subscribe(throws) })],
  [
    'rejects',
    /observer "faulty" threw: no/,
    () =>
      watcher({ start: (signals) => void signals.on('epoch.completed').subscribe((() => Promise.reject(new Error('no'))) as () => void) }),
  ],
  [
    'stalls',
    /observer "faulty" held training up for 1\.\d s over epoch\.started/,
    () => watcher({ start: (signals) => void signals.on('epoch.started').subscribe(({ epoch }) => epoch === 0 && stall(1050)) }),
  ],
  ['throws when it is flushed', /observer "faulty" threw in flush: no/, () => watcher({ flush: throws })],
  ['throws when its state is asked for', /observer "faulty" threw in state: no/, () => watcher({ state: throws })],
  ['throws when it stops', /observer "faulty" threw in stop: no/, () => watcher({ stop: throws })],
  [
    'changes a signal',
    /observer "faulty" threw: Cannot assign to read only/,
    () =>
      watcher({ start: (signals) => void signals.on('step.completed').subscribe((signal) => ((signal as { total: number }).total = 0)) }),
  ],
];

describe.each(OBSERVERS)('an observer that %s', (_what, says, make) => {
  it('is a warning that names it; the run is the same as without', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'equimodal-faults-'));
    const run = async (observer: Observer, name: string) => {
      const host = hostWith();
      host.add(plugin(piece('observer', () => observer)));
      return trainToy(engine, { host, request: { observers: [{ use: 'faulty' }], folder: new RunFolder(join(dir, name)) } });
    };
    const { result, signals } = await run(make(), 'faulty');
    const warnings = signals.flatMap((signal) => (signal.type === 'warning' ? [signal.message] : []));
    expect(warnings.filter((message) => says.test(message)).length).toBeGreaterThan(0);
    const right = await run(watcher({}), 'right');
    expect(result.status).toBe('completed');
    expect(result.metrics).toEqual(right.result.metrics);
    rmSync(dir, { recursive: true });
  });
});
