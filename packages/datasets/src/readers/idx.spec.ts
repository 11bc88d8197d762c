import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coded, realData, survives, temporaryFolder } from '../data-root.fixture.js';
import { damaged, Encoder, encodeIdx } from './encode.fixture.js';
import { parseIdx, readIdx } from './idx.js';

describe('idx', () => {
  it('reads back what was written, plain and compressed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 7 }), (rows, columns) => {
        const data = Array.from({ length: rows * columns }, (_, i) => (i * 37) % 256);
        const bytes = encodeIdx([rows, columns], data);
        const expected = { shape: [rows, columns], data: Uint8Array.from(data) };
        expect(parseIdx(bytes, 'a.idx')).toEqual(expected);
        expect(parseIdx(gzipSync(bytes), 'a.idx.gz')).toEqual(expected);
      }),
    );
  });

  it('reads big-endian elements', () => {
    const ints = new Encoder(false).number(2, 0).number(1, 0x0b).number(1, 1).number(4, 2).number(2, 0xfffe).number(2, 258).done();
    expect(parseIdx(ints, 'a').data).toEqual(Int16Array.from([-2, 258]));
    const floats = new Encoder(false).number(2, 0).number(1, 0x0d).number(1, 1).number(4, 1).number(4, 0.5, true).done();
    expect(parseIdx(floats, 'a').data).toEqual(Float32Array.from([0.5]));
  });

  it('names file and offset of damage', async () => {
    const bytes = encodeIdx([2, 3], [1, 2, 3, 4, 5, 6]);
    const short = await coded(() => parseIdx(bytes.slice(0, -1), 'digits.idx'));
    expect(short.code).toBe('EQM_DATA_MALFORMED');
    expect(short.where).toBe('digits.idx, byte 12');
    expect((await coded(() => parseIdx(new Encoder().raw(bytes).number(1, 0).done(), 'digits.idx'))).where).toBe('digits.idx, byte 18');
    expect((await coded(() => parseIdx(gzipSync(bytes).subarray(0, 20), 'digits.gz'))).code).toBe('EQM_DATA_MALFORMED');
  });

  it('does not believe a header that asks for more than the file holds', async () => {
    const huge = new Encoder(false).number(2, 0).number(1, 0x0e).number(1, 2).number(4, 0xffffffff).number(4, 0xffffffff).done();
    expect((await coded(() => parseIdx(huge, 'a'))).code).toBe('EQM_DATA_MALFORMED');
  });

  it('survives damaged files', () => {
    const bytes = encodeIdx([2, 3], [1, 2, 3, 4, 5, 6]);
    fc.assert(fc.property(damaged(bytes), (input) => survives(() => parseIdx(input, 'a'))));
    fc.assert(fc.property(damaged(new Uint8Array(gzipSync(bytes))), (input) => survives(() => parseIdx(input, 'a'))));
  });

  it('finds the compressed twin, and lists both paths where neither exists', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'x.gz'), gzipSync(encodeIdx([1], [9])));
    expect(readIdx(join(folder, 'x')).data).toEqual(Uint8Array.from([9]));
    const error = await coded(() => readIdx(join(folder, 'y')));
    expect(error.code).toBe('EQM_DATA_MISSING');
    expect(error.problems.map(({ message }) => message)).toEqual([join(folder, 'y'), join(folder, 'y.gz')]);
  });

  it.skipIf(realData === undefined)('MNIST has 60000 and 10000 rows (needs EQUIMODAL_DATA)', () => {
    expect(readIdx(join(realData!, 'mnist/train-images-idx3-ubyte')).shape).toEqual([60000, 28, 28]);
    expect(readIdx(join(realData!, 'mnist/train-labels-idx1-ubyte')).shape).toEqual([60000]);
    expect(readIdx(join(realData!, 'mnist/t10k-images-idx3-ubyte')).shape).toEqual([10000, 28, 28]);
    expect(readIdx(join(realData!, 'mnist/t10k-labels-idx1-ubyte')).shape).toEqual([10000]);
  });
});
