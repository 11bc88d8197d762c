import { EquimodalError, type LoadedDataset, type Split } from '@equimodal/core';
import { describe, expect, it } from 'vitest';
import { loadAttributed } from './attributed-dataset.js';

const split = (read: Split['read']): Split => ({ size: 2, labels: Int32Array.of(0, 1), ids: ['a', 'b'], read });
const dataset = (read: Split['read']): LoadedDataset => ({
  classes: ['no', 'yes'],
  modalities: [{ name: 'audio', kind: 'vector', shape: [1] }],
  splits: { train: split(read), test: split(read) },
  fingerprint: 'f',
});
const load = (read: Split['read']) => loadAttributed(() => Promise.resolve(dataset(read)), 'dataset "mine"', 'my-data');
const fault = { code: 'EQM_PLUGIN_FAULT', where: 'plugin "my-data"' };

describe('a dataset whose errors name it', () => {
  it('gives what the dataset gives', async () => {
    const arrays = { audio: Float32Array.of(1, 2) };
    const { splits, ...rest } = await load(() => arrays);
    expect(rest).toEqual({ classes: ['no', 'yes'], modalities: [{ name: 'audio', kind: 'vector', shape: [1] }], fingerprint: 'f' });
    expect(splits.validation).toBeUndefined();
    expect({ ...splits.test }).toMatchObject({ size: 2, ids: ['a', 'b'], readsAhead: false });
    expect(await splits.train.read(Int32Array.of(0, 1))).toBe(arrays);
  });

  it('names itself in what it throws, at once or later', async () => {
    const sudden = load(() => {
      throw new TypeError('no such key');
    });
    await expect((await sudden).splits.train.read(Int32Array.of(0))).rejects.toMatchObject({
      ...fault,
      message: 'dataset "mine" threw: no such key',
    });
    const late = await load(() => Promise.reject(new Error('gone')));
    await expect(late.splits.test.read(Int32Array.of(0))).rejects.toMatchObject(fault);
    await expect(loadAttributed(() => Promise.reject(new Error('gone')), 'dataset "mine"', 'my-data')).rejects.toMatchObject(fault);
    const wrong = loadAttributed(() => Promise.resolve({} as LoadedDataset), 'dataset "mine"', 'my-data');
    await expect(wrong).rejects.toMatchObject(fault);
  });

  it('leaves errors that have a code as they are', async () => {
    const coded = new EquimodalError('EQM_DATA_MISSING', 'there is no file a.csv', { where: 'a.csv' });
    await expect((await load(() => Promise.reject(coded))).splits.train.read(Int32Array.of(0))).rejects.toBe(coded);
  });
});
