import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { coded, temporaryFolder } from '../../data-root.fixture.js';
import { encodeNpy } from '../../readers/encode.fixture.js';
import torch from '../../readers/torch.fixture.json' with { type: 'json' };
import { ARRAY_ENDINGS, arraysLoader, readStoredArray } from './arrays.js';

const floats = (values: readonly number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
const npy = encodeNpy('<f4', [2, 3], floats([0, 1, 2, 3, 4, 5]));
/** `pickle.dumps([[0, 1, 2], [3, 4, 5]], protocol=0)` */
const pickled = '(lp0\n(lp1\nI0\naI1\naI2\naa(lp2\nI3\naI4\naI5\naa.';
const stored: Readonly<Record<string, Uint8Array | string>> = {
  ...{ '.npy': npy, '.npz': zipSync({ 'a.npy': npy }) },
  ...{ '.pkl': pickled, '.pickle': pickled },
  ...{ '.pt': Buffer.from(torch.cases.float32, 'base64'), '.pth': Buffer.from(torch.cases.float32, 'base64') },
};
const folder = temporaryFolder();
const file = (name: string, content: Uint8Array | string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const read = (options: Parameters<typeof arraysLoader.create>[0], path: string) =>
  arraysLoader
    .create(options)
    .read({ files: [path] }, { random: undefined, cached: (_file, _about, make) => Promise.resolve(make()), out: new Float32Array(6) });

describe('stored arrays', () => {
  it('are tried in every form there is', () => expect(Object.keys(stored).sort()).toEqual([...ARRAY_ENDINGS].sort()));

  it.each(Object.entries(stored))('are read from %s', (ending, content) => {
    const { shape, data } = readStoredArray(file(`a${ending}`, content));
    expect(shape).toEqual([2, 3]);
    expect([...data]).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('are scaled, or given as whole numbers', async () => {
    const path = file('row.npy', npy);
    expect([...(await read({ shape: [2, 3], mean: 1, deviation: 2 }, path))]).toEqual([-0.5, 0, 0.5, 1, 1.5, 2]);
    const ids = await read({ shape: [1, 2, 3], integers: true }, path);
    expect(ids).toBeInstanceOf(Int32Array);
    expect([...ids]).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it.each([
    ['another shape', { shape: [3, 2] }, npy, /shape \[2, 3\].* has \[3, 2\]/],
    ['a number that is not finite', { shape: [1] }, encodeNpy('<f4', [1], floats([NaN])), /NaN/],
    ['half an id', { shape: [1], integers: true }, encodeNpy('<f4', [1], floats([0.5])), /0\.5/],
  ] as const)('are refused with %s', async (_what, options, content, message) => {
    const path = file('wrong.npy', content);
    const error = await coded(() => read(options, path));
    expect([error.code, error.where?.startsWith(path)]).toEqual(['EQM_DATA_MALFORMED', true]);
    expect(error.message).toMatch(message);
  });

  it('are refused in other files', async () => {
    expect(await coded(() => readStoredArray('a.bin'))).toMatchObject({ code: 'EQM_DATA_MALFORMED', where: 'a.bin' });
  });
});
