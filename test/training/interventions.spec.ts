import * as tf from '@tensorflow/tfjs-core';
import type { EquimodalError } from '@equimodal/core';
import { ConfigSource, resolveExperiment, type Engine, type Method, type ModalitySpec, type Tree } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { toyDataset } from '@equimodal/testing';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunFolder } from '@equimodal/training';
import { beforeAll, describe, expect, it } from 'vitest';
import { hostWith, trainToy } from './support.js';

let engine: Engine;
beforeAll(async () => {
  engine = await startTestEngine();
});

const SGD = { use: 'sgd', learningRate: 0.1, momentum: 0.9, weightDecay: 0.1 };
const values = (tree: Tree): Record<string, number[]> =>
  Object.fromEntries(Object.entries(tree).map(([path, leaf]) => [path, [...leaf.dataSync()]]));

describe('exchange', () => {
  const IMAGES: readonly ModalitySpec[] = ['audio', 'image'].map((name) => ({ name, kind: 'image', shape: [16, 16, 1] }));
  const staged = {
    dataset: toyDataset(IMAGES),
    encoders: { default: { use: 'lenet', channels: [4, 4] } },
    recipe: { fusion: { use: 'channel', after: [1, 2] } },
  };

  it('gives the gates of every stage to methods in their order, in training only, before the features', async () => {
    const calls: string[] = [];
    const note = (name: string): Method => ({
      exchange({ encoderStage, gates }) {
        for (const [modality, gate] of Object.entries(gates)) calls.push(`${name} ${encoderStage} ${modality} ${gate.rank}`);
        return undefined;
      },
      features: () => (calls.push(`${name} features`), undefined),
      predict: () => (calls.push(`${name} predict`), undefined),
    });
    await trainToy(engine, {
      ...staged,
      host: hostWith({ first: () => note('first'), second: () => note('second') }),
      recipe: { ...staged.recipe, methods: ['first', 'second'] },
      training: { epochs: 1, batchSize: 48, selection: 'last', measureGradients: 'never' },
    });
    const at = (stage: number) =>
      ['first', 'second'].flatMap((name) => ['audio', 'image'].map((modality) => `${name} ${stage} ${modality} 2`));
    const step = [...at(1), ...at(2), 'first features', 'second features'];
    expect(calls.filter((call) => !call.endsWith('predict'))).toEqual(step);
    expect(calls.some((call) => call.endsWith('predict'))).toBe(true);
  });

  it('puts what a method returns on the channels: closed gates leave the heads nothing but their bias', async () => {
    const closed: Method = {
      exchange: ({ gates }) => Object.fromEntries(Object.entries(gates).map(([name, gate]) => [name, tf.zerosLike(gate)])),
    };
    const spread: number[] = [];
    const look: Method = {
      logits({ fused, report }) {
        report('spread', tf.max(tf.sub(tf.max(fused.logits, 0), tf.min(fused.logits, 0))));
        return undefined;
      },
      stepEnd: ({ reports }) => (spread.push(reports['spread']!), undefined),
    };
    const run = (methods: string[]) =>
      trainToy(engine, {
        ...staged,
        host: hostWith({ closed: () => closed, look: () => look }),
        recipe: { ...staged.recipe, methods },
        training: { epochs: 1, batchSize: 48, measureGradients: 'never' },
      });
    await run(['look']);
    await run(['closed', 'look']);
    expect(spread[0]).toBeGreaterThan(1e-3);
    expect(spread[1]).toBeLessThan(1e-6);
  });
});

describe('snapshots and references', () => {
  it('shows steps the parameters as they were when the snapshot was taken; first those training starts from', async () => {
    const distance: number[] = [];
    const watch: Method = {
      references: ['old'],
      epochStart({ epoch, snapshot }) {
        if (epoch === 2) snapshot('old');
        return undefined;
      },
      losses({ reference, features, params, report, terms }) {
        const old = reference('old');
        const path = Object.keys(params).find((name) => name.startsWith('encoders/audio/'))!;
        report('kernel', tf.max(tf.abs(tf.sub(params[path]!, old.params[path]!))));
        report('features', tf.max(tf.abs(tf.sub(features['audio']!, old.features()['audio']!))));
        report('logits', tf.max(tf.abs(old.fused().logits)));
        return terms;
      },
      stepEnd: ({ reports, step }) => (step === 0 && distance.push(reports['kernel']!, reports['features']!), undefined),
    };
    await trainToy(engine, {
      host: hostWith({ watch: () => watch }),
      recipe: { methods: ['watch'] },
      training: { epochs: 4, batchSize: 24, optimizer: SGD },
    });
    const [first, firstFeatures, second, , third, thirdFeatures, fourth] = distance;
    expect([first, third]).toEqual([0, 0]);
    expect(firstFeatures).toBeLessThan(1e-5);
    expect(thirdFeatures).toBeLessThan(1e-5);
    expect(second).toBeGreaterThan(1e-4);
    expect(fourth).toBeGreaterThan(1e-4);
  });

  it('gives references no gradient', async () => {
    const run = async (pull: number) => {
      const { signals } = await trainToy(engine, {
        host: hostWith({
          pull: () => ({
            references: ['start'],
            losses: ({ reference, terms }) => [
              ...terms,
              {
                name: 'pull',
                kind: 'regulariser',
                value: tf.mul(pull, tf.sum(tf.square(reference('start').features()['audio']!))),
                weight: 1,
              },
            ],
          }),
        }),
        recipe: { methods: ['pull'] },
      });
      return signals.flatMap((signal) => (signal.type === 'step.completed' ? [signal.losses['fused']] : []));
    };
    expect(await run(100)).toEqual(await run(0));
  });

  it('brings parameters and optimizer back, all or by path, and mixes', async () => {
    const seen: Record<string, Record<string, number[]>> = {};
    const audio = (path: string) => path.startsWith('encoders/audio/');
    const travel: Method = {
      epochStart(context) {
        const { epoch, snapshot, restore } = context;
        if (epoch === 0) {
          snapshot('start');
          seen['start'] = values(context.params);
        }
        if (epoch === 1) {
          seen['trained'] = values(context.params);
          restore('start', { paths: audio, weight: 0.25 });
          seen['mixed'] = values(context.params);
          restore('start', { paths: audio });
          seen['part'] = values(context.params);
          restore('start');
          seen['all'] = values(context.params);
        }
        return undefined;
      },
    };
    await trainToy(engine, {
      host: hostWith({ travel: () => travel }),
      recipe: { methods: ['travel'] },
      training: { epochs: 2, optimizer: SGD },
    });
    const { start, trained, mixed, part, all } = seen as Record<'start' | 'trained' | 'mixed' | 'part' | 'all', Record<string, number[]>>;
    expect(all).toEqual(start);
    for (const [path, now] of Object.entries(part)) expect(now, path).toEqual((audio(path) ? start : trained)[path]);
    for (const [path, now] of Object.entries(mixed)) {
      now.forEach((value, i) => {
        const expected = audio(path) ? 0.25 * start[path]![i]! + 0.75 * trained[path]![i]! : trained[path]![i]!;
        expect(value, path).toBeCloseTo(expected, 6);
      });
    }
  });

  it('goes on from a snapshot as if nothing had been in between, momentum included', async () => {
    const losses = async (detour: boolean) => {
      const method: Method = {
        epochStart({ epoch, snapshot }) {
          if (epoch === 1) snapshot('fork');
          return undefined;
        },
        epochEnd({ epoch, restore }) {
          if (detour && epoch === 1) restore('fork');
          return undefined;
        },
      };
      const { signals } = await trainToy(engine, {
        host: hostWith({ fork: () => method }),
        recipe: { methods: ['fork'] },
        // One batch an epoch, so that every epoch sees the same samples in the same step.
        training: { epochs: 3, batchSize: 48, optimizer: SGD, measureGradients: 'never' },
      });
      return signals.flatMap((signal) => (signal.type === 'step.completed' ? [signal.losses['fused']!] : []));
    };
    const [straight, returned] = [await losses(false), await losses(true)];
    expect(returned[2]).toBeCloseTo(straight[1]!, 5);
    expect(returned[2]).not.toBeCloseTo(straight[2]!, 5);
  });

  it('starts the optimizer anew where asked', async () => {
    const last = async (reset: boolean) => {
      const method: Method = {
        epochStart({ epoch, resetOptimizer }) {
          if (reset && epoch === 1) resetOptimizer((path) => path.startsWith('encoders/'));
          return undefined;
        },
      };
      const { result } = await trainToy(engine, {
        host: hostWith({ reset: () => method }),
        recipe: { methods: ['reset'] },
        training: { epochs: 2, optimizer: SGD, selection: 'last' },
      });
      return result.metrics!.test.loss!;
    };
    expect(await last(true)).not.toBe(await last(false));
  });
});

describe('memory', () => {
  it('is what hooks between epochs set, and what steps made of it', async () => {
    const read: number[][] = [];
    const method: Method = {
      memory: () => ({ sums: tf.zeros([2]) }),
      epochStart({ epoch, memory }) {
        read.push([...memory.get('sums')]);
        if (epoch === 1) memory.set('sums', Float32Array.from([10, 20]));
        return undefined;
      },
      losses({ memory, terms }) {
        memory.set('sums', tf.add(memory.get('sums'), tf.tensor1d([1, 2])));
        return terms;
      },
    };
    await trainToy(engine, {
      host: hostWith({ sums: () => method }),
      recipe: { methods: ['sums'] },
      training: { epochs: 3, batchSize: 24 },
    });
    expect(read).toEqual([
      [0, 0],
      [2, 4],
      [12, 24],
    ]);
  });

  it('refuses another size', async () => {
    const method: Method = {
      memory: () => ({ sums: tf.zeros([2]) }),
      epochStart: ({ memory }) => (memory.set('sums', new Float32Array(3)), undefined),
    };
    await expect(trainToy(engine, { host: hostWith({ sums: () => method }), recipe: { methods: ['sums'] } })).rejects.toThrow(
      '2 numbers, got 3',
    );
  });
});

describe('auxiliary passes', () => {
  it('end when a visit says so, and show the method its own parameters', async () => {
    const visits: number[] = [];
    const method: Method = {
      init: () => ({ params: { factor: tf.scalar(3) }, state: {} }),
      async epochEnd({ pass }) {
        let count = 0;
        await pass('train', ({ scope, labels }) => {
          expect(scope.param('factor').dataSync()[0]).toBeCloseTo(3, 3);
          expect(labels.length).toBe(8);
          count += 1;
          return count < 2;
        });
        visits.push(count);
        return undefined;
      },
    };
    await trainToy(engine, {
      host: hostWith({ visit: () => method }),
      recipe: { methods: ['visit'] },
      training: { epochs: 1, evaluationBatchSize: 8 },
    });
    expect(visits).toEqual([2]);
  });
});

describe('selection', () => {
  it('passes over epochs that a method calls no candidates', async () => {
    const method: Method = {
      epochStart: ({ epoch }) => ({ candidate: epoch === 1 }),
    };
    const { result } = await trainToy(engine, {
      host: hostWith({ only: () => method }),
      recipe: { methods: ['only'] },
      training: { epochs: 4 },
    });
    expect(result.metrics!.selectedEpoch).toBe(1);
  });
});

describe('predictions', () => {
  it('may bring read-outs of their own, which are scored', async () => {
    const wrong: Method = {
      predict: ({ fused }) => ({
        unimodal: Object.fromEntries(Object.keys(fused.unimodal).map((name) => [name, tf.zerosLike(fused.logits)])),
      }),
    };
    const run = async (methods: string[]) => {
      const { result } = await trainToy(engine, { host: hostWith({ wrong: () => wrong }), recipe: { methods }, training: { epochs: 4 } });
      return result.metrics!.test;
    };
    const [plain, own] = [await run([]), await run(['wrong'])];
    expect(own.accuracy).toBe(plain.accuracy);
    expect(own.perModality['audio']!['loss']).toBeCloseTo(Math.log(3), 5);
    expect(own.perModality['audio']!['accuracy']).toBeCloseTo(1 / 3, 5);
  });
});

describe('stages that train part of the encoders', () => {
  it('leave the batch statistics of the others alone', async () => {
    const states: Record<string, number[]>[] = [];
    const freeze: Method = {
      update: () => ({ frozen: (path) => path.startsWith('encoders/audio/') }),
      epochStart: ({ state }) => (states.push(values(state)), undefined),
    };
    await trainToy(engine, {
      dataset: toyDataset(['audio', 'image'].map((name) => ({ name, kind: 'image', shape: [16, 16, 1] }))),
      encoders: { default: { use: 'lenet', channels: [4, 4] } },
      host: hostWith({ freeze: () => freeze }),
      recipe: { methods: ['freeze'] },
      training: { epochs: 2 },
    });
    const [before, after] = states as [Record<string, number[]>, Record<string, number[]>];
    const paths = Object.keys(before);
    expect(paths.some((path) => path.startsWith('encoders/audio/'))).toBe(true);
    for (const path of paths) {
      if (path.startsWith('encoders/audio/')) expect(after[path], path).toEqual(before[path]);
      else expect(after[path], path).not.toEqual(before[path]);
    }
  });
});

describe('claims', () => {
  it('exclude each other before any data is read', async () => {
    const source = ConfigSource.of({
      dataset: { use: 'kit-toy', modalities: ['a', 'b'] },
      encoders: { default: 'mlp' },
      recipes: [{ as: 'row', fusion: 'sum', methods: ['unimodal-sum', { use: 'unimodal-sum' }] }],
    });
    const refusal = await resolveExperiment(hostWith(), source).catch((error: unknown) => error as EquimodalError);
    expect((refusal as EquimodalError).problems.map(({ message }) => message)).toEqual(
      ['replace the classification terms of the objective', 'set the inference rule'].map(
        (what) => `recipes[0]: row "row": methods "unimodal-sum" and "unimodal-sum" both ${what}; a row can have one of them`,
      ),
    );
  });
});

describe('resuming', () => {
  it('is bit-equal with snapshots, references and memory', async () => {
    const method = (): Method => ({
      references: ['old'],
      memory: () => ({ count: tf.zeros([1]) }),
      epochStart({ epoch, snapshot, memory }) {
        if (epoch === 1) snapshot('old');
        memory.set('count', Float32Array.from([memory.get('count')[0]! + epoch]));
        return undefined;
      },
      losses({ reference, features, terms, memory }) {
        memory.set('count', tf.add(memory.get('count'), 0.5));
        const pull = tf.mean(tf.square(tf.sub(features['audio']!, reference('old').features()['audio']!)));
        return [...terms, { name: 'pull', kind: 'regulariser', value: pull, weight: tf.reshape(memory.get('count'), []) }];
      },
    });
    const dir = mkdtempSync(join(tmpdir(), 'equimodal-resume-'));
    try {
      const toy = {
        host: hostWith({ both: method }),
        recipe: { methods: ['both'] },
        training: { epochs: 4, optimizer: SGD },
      };
      const losses = (signals: { type: string }[]) =>
        signals.flatMap((signal) => (signal.type === 'step.completed' ? [(signal as unknown as { total: number }).total] : []));
      const whole = losses((await trainToy(engine, toy)).signals);
      const abort = new AbortController();
      const folder = new RunFolder(dir);
      const first = await trainToy(engine, {
        ...toy,
        request: {
          folder,
          abort: abort.signal,
          attach: (signals) => void signals.on('step.completed').subscribe(({ epoch, step }) => epoch === 2 && step === 1 && abort.abort()),
        },
      });
      const second = await trainToy(engine, { ...toy, host: hostWith({ both: method }), request: { folder, resume: true } });
      expect([...losses(first.signals), ...losses(second.signals)]).toEqual(whole);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
