import { join } from 'node:path';
import { optionsJsonSchema } from '@equimodal/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { coded } from '../data-root.fixture.js';
import { features } from './features.js';
import { featuresOptions } from './options.js';
import { csv, load, root, rows, write, writeTables } from './tables.fixture.js';

beforeAll(writeTables);

describe('features errors', () => {
  it('names both files of unequal rows, and the row where labels disagree', async () => {
    write('short.csv', '5,0\n5,0\n7,1\n');
    const short = await coded(() =>
      load(
        {
          modalities: {
            ...csv.modalities,
            audio: { train: 'short.csv', test: 'audio_test.csv', columns: [0, 1] },
          },
          labels: { from: 'text' },
        },
        root,
      ),
    );
    expect(short.code).toBe('EQM_DATA_MALFORMED');
    for (const part of ['4 in', 'text_train.csv', '3 in', 'short.csv']) expect(short.message).toContain(part);
    write('other.csv', '5,0\n5,1\n7,1\n9,1\n');
    const other = await coded(() =>
      load({ ...csv, modalities: { ...csv.modalities, audio: { train: 'other.csv', test: 'audio_test.csv' } } }, root),
    );
    expect(other.message).toContain('disagree');
    expect(other.where).toContain('other.csv, row 2');
  });

  it('names the row of unequal csv rows, a wrong label and an infinite value', async () => {
    write('ragged.csv', '1,2,0\n1,0\n');
    const one = (train: string): object => ({
      modalities: { text: { train, test: 'text_test.csv' } },
      labels: { from: 'text' },
    });
    expect((await coded(() => load(one('ragged.csv'), root))).where).toContain('ragged.csv, row 2');
    write('half.csv', '1,2,0.5\n1,2,1\n');
    expect((await coded(() => load(one('half.csv'), root))).where).toContain('half.csv, row 1');
    write('large.csv', '1,2,0\n1,2,1000000000\n');
    expect((await coded(() => load(one('large.csv'), root))).code).toBe('EQM_DATA_MALFORMED');
    write('inf.csv', '1,2,0\n1,inf,1\n');
    expect((await coded(() => load(one('inf.csv'), root))).where).toContain('row 2, column 2');
    const zeroed = await load({ ...one('inf.csv'), nonFinite: 'zero', standardize: 'none' }, root);
    expect((await zeroed.splits.train.read(rows(2)))['text']).toEqual(Float32Array.from([1, 2, 1, 0]));
    expect(zeroed.notes).toEqual(['1 values of "text" were not finite and are zero']);
    write('wide.csv', '1,2,3,0\n1,2,3,1\n');
    expect((await coded(() => load(one('wide.csv'), root))).message).toContain('unequal columns');
  });

  it('says which file is missing, and when there is no data root', async () => {
    const gone = await coded(() =>
      load({ ...csv, modalities: { ...csv.modalities, text: { train: 'gone.csv', test: 'text_test.csv' } } }, root),
    );
    expect(gone.code).toBe('EQM_DATA_MISSING');
    expect(gone.problems[0]?.message).toBe(join(root, 'gone.csv'));
    expect((await coded(() => load(csv))).code).toBe('EQM_DATA_ROOT');
    expect(
      (
        await coded(() =>
          load(
            {
              modalities: { c: { file: 'views.mat' } },
              labels: { file: 'labels.npy' },
              split: { train: [0, 3], test: [3, 5] },
            },
            root,
          ),
        )
      ).message,
    ).toContain('X, Y');
  });

  it.each([
    ['an unknown option', { ...csv, normalise: true }, 'normalise'],
    ['an unknown extension', { ...csv, modalities: { text: { train: 'a.doc', test: 'b.doc' } } }, 'modalities'],
    ['a label from nowhere', { ...csv, labels: { from: 'video' } }, 'no modality \\"video\\"'],
    ['no test', { ...csv, modalities: { text: { train: 'a.csv' } } }, 'train'],
    ['one file without ranges', { modalities: { x: { file: 'a.npy' } }, labels: { file: 'y.npy' } }, 'split'],
    [
      'overlapping ranges',
      {
        modalities: { x: { file: 'a.npy' } },
        labels: { file: 'y.npy' },
        split: { train: [0, 10], test: [9, 12] },
      },
      'overlap',
    ],
    ['groups that are not named', { ...csv, validation: { fraction: 0.1, by: 'group' } }, 'groups'],
  ])('refuses %s when the config is read', (_, options, message) => {
    expect(JSON.stringify(featuresOptions.strict().safeParse(options).error?.issues)).toContain(message);
  });

  it('has a JSON schema', () => {
    expect(optionsJsonSchema(features.options)).toMatchObject({
      properties: { standardize: { default: 'zscore' } },
    });
  });
});
