import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadedDataset } from '@equimodal/core';
import { describe, expect, it } from 'vitest';
import { coded, contextOf, temporaryFolder } from '../data-root.fixture.js';
import { encodeNpy } from '../readers/encode.fixture.js';
import { writeHdf5, type WrittenArray } from '../readers/hdf5-write.fixture.js';
import { iemocapFeatures, iemocapFeaturesOptions } from './iemocap-features.js';

const load = (root: string, options: object = {}): Promise<LoadedDataset> =>
  iemocapFeatures
    .create(
      iemocapFeaturesOptions.parse({ steps: { audio: 4, visual: 3, text: 2 }, standardizeAudio: 'none', ...options }),
      contextOf(root),
      {
        resolve: () => expect.unreachable(),
      },
    )
    .load();

const NAMES = {
  trn: ['Ses01F_impro01_F000', 'Ses01F_impro01_M001', 'Ses02M_script02_F003'],
  val: ['Ses03F_impro01_F001'],
  tst: ['Ses04M_impro03_F002', 'Ses04M_impro03_M002'],
} as const;
const LABELS = { trn: [0, 1, 1], val: [0], tst: [1, 0] } as const;

const names = (list: readonly string[]): Uint8Array =>
  encodeNpy('|S20', [list.length, 1], Uint8Array.from(list.flatMap((name) => [...Buffer.from(name.padEnd(20, '\0'))])));
const floats = (values: readonly number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

/** Utterance u has u + 1 steps; feature f of step s is 100 u + 10 s + f + 1. */
const utterance = (u: number, features: number): WrittenArray => ({
  shape: [u + 1, features],
  data: Float32Array.from({ length: (u + 1) * features }, (_, i) => 100 * u + 10 * Math.floor(i / features) + (i % features) + 1),
});

async function writeRoot({ oneHot = false } = {}): Promise<string> {
  const root = temporaryFolder();
  const base = join(root, 'IEMOCAP_features');
  const all = Object.values(NAMES).flat();
  for (const [folder, features] of [
    ['A', 2],
    ['V', 3],
    ['L', 1],
  ] as const) {
    mkdirSync(join(base, folder), { recursive: true });
    await writeHdf5(join(base, folder, 'features.h5'), Object.fromEntries(all.map((name, u) => [name, utterance(u, features)])));
  }
  const target = join(base, 'target', '2');
  mkdirSync(target, { recursive: true });
  for (const split of ['trn', 'val', 'tst'] as const) {
    const labels = LABELS[split];
    writeFileSync(join(target, `${split}_int2name.npy`), names(NAMES[split]));
    const stored = oneHot ? floats(labels.flatMap((label) => [1 - label, label])) : floats(labels);
    writeFileSync(join(target, `${split}_label.npy`), encodeNpy('<f4', oneHot ? [labels.length, 2] : [labels.length], stored));
  }
  return root;
}

describe('iemocap-features', () => {
  it.each([false, true])('reads a fold, sequences cut or filled with zeros behind; classes one by one of zeros: %s', async (oneHot) => {
    const data = await load(await writeRoot({ oneHot }), { fold: 2 });
    expect(data.classes).toEqual(['0', '1']);
    expect(data.modalities).toEqual([
      { name: 'audio', kind: 'sequence', shape: [4, 2] },
      { name: 'visual', kind: 'sequence', shape: [3, 3] },
      { name: 'text', kind: 'sequence', shape: [2, 1] },
    ]);
    const { train, validation, test } = data.splits;
    expect([[...train.labels], [...validation!.labels], [...test.labels]]).toEqual([[0, 1, 1], [0], [1, 0]]);
    const { audio, text } = await train.read(Int32Array.from([1]));
    expect([...audio!]).toEqual([101, 102, 111, 112, 0, 0, 0, 0]);
    expect([...text!]).toEqual([101, 111]);
    const { visual } = await test.read(Int32Array.from([1]));
    expect([...visual!]).toEqual([501, 502, 503, 511, 512, 513, 521, 522, 523]);
    expect([train.groups, train.ids]).toEqual([['Ses01-F', 'Ses01-M', 'Ses02-F'], [...NAMES.trn]]);
    expect(data.notes).toEqual(['fold 2']);
  });

  it('takes the mean of the steps, of chosen modalities', async () => {
    const data = await load(await writeRoot(), { fold: 2, time: 'mean', modalities: ['text', 'audio'], steps: { audio: 50 } });
    expect(data.modalities.map(({ name, kind, shape }) => [name, kind, shape])).toEqual([
      ['text', 'vector', [1]],
      ['audio', 'vector', [2]],
    ]);
    const { audio } = await data.splits.train.read(Int32Array.from([2]));
    expect([...audio!]).toEqual([211, 212]);
  });

  it('standardizes the sound over the training utterances, or over each', async () => {
    const root = await writeRoot();
    const values = async (standardizeAudio: string): Promise<number[]> => {
      const { audio } = await (await load(root, { fold: 2, standardizeAudio })).splits.train.read(Int32Array.from([1, 2]));
      return [...audio!].filter((_, i) => i % 2 === 0);
    };
    // Feature 0 of the training steps.
    const steps = [1, 101, 111, 201, 211, 221];
    const mean = steps.reduce((a, b) => a + b) / 6;
    const deviation = Math.sqrt(steps.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 6);
    const expected = [101, 111].map((value) => (value - mean) / deviation);
    (await values('train')).slice(0, 4).forEach((value, i) => expect(value).toBeCloseTo(i < 2 ? expected[i]! : 0, 5));
    (await values('utterance')).forEach((value, i) =>
      expect(value).toBeCloseTo([-1, 1, 0, 0, -Math.sqrt(1.5), 0, Math.sqrt(1.5), 0][i]!, 5),
    );
  });

  it('says what is missing, and what there is', async () => {
    const root = await writeRoot();
    const base = join(root, 'IEMOCAP_features');
    const fold = await coded(() => load(root));
    expect([fold.code, fold.message]).toEqual(['EQM_DATA_MISSING', 'fold 1 is missing; there are 2']);
    await writeHdf5(join(base, 'A', 'other.h5'), { a: utterance(0, 1) });
    expect((await coded(() => load(root, { fold: 2 }))).message).toContain('name one with "files"');
    expect((await load(root, { fold: 2, files: { audio: 'features' } })).classes).toHaveLength(2);
    const lost = await coded(() => load(root, { fold: 2, files: { audio: 'other' } }));
    expect(lost.message).toContain('no dataset "Ses01F_impro01_F000"');
    rmSync(join(base, 'V', 'features.h5'));
    expect((await coded(() => load(root, { fold: 2, modalities: ['visual'] }))).code).toBe('EQM_DATA_MISSING');
  });

  it('refuses labels that are none, and rows that do not match', async () => {
    const root = await writeRoot();
    const label = join(root, 'IEMOCAP_features/target/2/trn_label.npy');
    for (const [shape, values, message] of [
      [[3], [0, 1, 0.5], 'row 3'],
      [[3, 2], [1, 0, 1, 1, 0, 1], 'row 2'],
      [[2], [0, 1], ''],
      [[3], [0, 0, 0], ''],
    ] as const) {
      writeFileSync(label, encodeNpy('<f4', shape, floats(values)));
      const error = await coded(() => load(root, { fold: 2 }));
      expect(error.code).toBe(values.length === 3 && values[1] === 0 && values[2] === 0 ? 'EQM_DATA_SPLIT' : 'EQM_DATA_MALFORMED');
      expect(error.where).toContain(message);
    }
  });

  it('counts utterances that test shares with train', async () => {
    const root = await writeRoot();
    writeFileSync(join(root, 'IEMOCAP_features/target/2/tst_int2name.npy'), names([NAMES.trn[0], NAMES.tst[1]]));
    expect((await load(root, { fold: 2 })).notes).toContain('1 utterances of test are in train too');
  });
});
