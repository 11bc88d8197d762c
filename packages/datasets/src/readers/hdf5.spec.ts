import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coded, survivesAsync, temporaryFolder } from '../data-root.fixture.js';
import { damaged } from './encode.fixture.js';
import { readHdf5, withHdf5 } from './hdf5.js';
import { matNumeric } from './mat.js';
import { readAnyMat } from './mat73.js';
import fixture from './hdf5.fixture.json' with { type: 'json' };

const folder = temporaryFolder();
const whole = new Uint8Array(Buffer.from(fixture.file, 'base64'));
const matlab = new Uint8Array(Buffer.from(fixture.mat, 'base64'));
const write = (bytes: Uint8Array, name = 'a.h5'): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};

describe('hdf5', () => {
  it('reads numbers of every kind, packed or not', async () => {
    const path = write(whole);
    expect(await readHdf5(path, 'x')).toEqual({ shape: [2, 3], data: Float32Array.from([0, 1, 2, 3, 4, 5]) });
    expect(await readHdf5(path, 'group/i8')).toEqual({ shape: [2], data: Float64Array.from([1, -2]) });
    expect([...(await readHdf5(path, 'big')).data]).toEqual([1.5, 2]);
    expect([...(await readHdf5(path, 'bool')).data]).toEqual([1, 0]);
    expect([...(await readHdf5(path, 'packed')).data]).toEqual(Array.from({ length: 60 }, (_, i) => i));
    expect(await readHdf5(path, 'scalar')).toEqual({ shape: [], data: Float64Array.of(3.5) });
    await withHdf5(path, (file) => {
      expect(file.texts('text').texts).toEqual(['a', 'bc']);
      expect(file.names()).toContain('group/i8');
      expect(file.keys('group')).toEqual(['i8']);
    });
  });

  it.each([
    ['half', '16 bits'],
    ['complex', 'compounds'],
    ['text', 'text'],
    ['huge', 'asks for'],
    ['elsewhere', 'another file'],
    ['nowhere', 'BrokenSoftLink'],
    ['virtual', 'other files'],
    ['group', 'found Group'],
    ['xx', 'no dataset'],
  ])('refuses %s', async (name, said) => {
    const error = await coded(() => readHdf5(write(whole), name));
    expect(error.code).toBe('EQM_DATA_MALFORMED');
    expect(error.where).toContain('a.h5');
    expect(error.message).toContain(said);
  });

  it('asks for a name where there are several, and says that a file is missing or no HDF5', async () => {
    expect((await coded(() => readHdf5(write(whole)))).message).toContain('group/i8');
    expect((await coded(() => readHdf5(join(folder, 'none.h5')))).code).toBe('EQM_DATA_MISSING');
    expect((await coded(() => readHdf5(write(new Uint8Array(100), 'b.h5')))).message).toContain('not an HDF5 file');
  });

  it('survives damaged files, and reads a whole one after them', async () => {
    const read = async (bytes: Uint8Array): Promise<void> => {
      await withHdf5(write(bytes, 'damaged.h5'), (file) => {
        for (const name of ['x', 'packed', 'bool', 'huge']) {
          if (file.kind(name) === 'dataset') file.array(name);
        }
      });
    };
    await fc.assert(
      fc.asyncProperty(damaged(whole), (input) => survivesAsync(() => read(input))),
      { numRuns: 60 },
    );
    expect((await readHdf5(write(whole), 'x')).shape).toEqual([2, 3]);
  });
});

describe('mat 7.3', () => {
  it('reads numbers, text and cells as MATLAB has them', async () => {
    const path = write(matlab, 'a.mat');
    const variables = await readAnyMat(path);
    expect(matNumeric(variables, 'X{1}', path)).toEqual({ shape: [3, 2], data: Float64Array.from([0, 1, 2, 3, 4, 5]) });
    expect(matNumeric(variables, 'X{2}', path).shape).toEqual([3, 3]);
    expect([...matNumeric(variables, 'X{2}', path).data]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(matNumeric(variables, 'Y', path)).toEqual({ shape: [3, 1], data: Uint8Array.from([1, 2, 1]) });
    expect(variables.get('name')).toEqual({ kind: 'text', shape: [1, 5], rows: ['hello'] });
    expect(variables.get('none')).toMatchObject({ kind: 'numeric', array: { shape: [0, 0] } });
    expect(variables.get('record')).toEqual({ kind: 'unsupported', what: 'a struct' });
    expect(variables.get('complex')?.kind).toBe('unsupported');
  });

  it('survives damaged files', async () => {
    await fc.assert(
      fc.asyncProperty(damaged(matlab), (input) => survivesAsync(() => readAnyMat(write(input, 'damaged.mat')))),
      { numRuns: 60 },
    );
  });
});
