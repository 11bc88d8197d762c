import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coded, survivesAsync, temporaryFolder } from '../data-root.fixture.js';
import { damaged } from './encode.fixture.js';
import { parquetNumbers, readParquet } from './parquet.js';
import fixture from './parquet.fixture.json' with { type: 'json' };

const folder = temporaryFolder();
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
const write = (bytes: Uint8Array, name = 'a.parquet'): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};

describe('parquet', () => {
  it.each(['none', 'snappy', 'gzip', 'brotli'] as const)('reads columns and lists: %s', async (codec) => {
    const path = write(bytesOf(fixture[codec]));
    const table = await readParquet(path);
    expect(table.names).toEqual(['a', 'i', 'flag', 'vector', 'text']);
    expect(table.rows.map((row) => row[4])).toEqual(['x', 'y', 'x']);
    const numbers = parquetNumbers(await readParquet(path, ['vector', 'i', 'flag', 'a']));
    expect(numbers.shape).toEqual([3, 5]);
    expect([...numbers.data]).toEqual([1, 2, 1, 1, 1.5, 3, 4, 2, 0, -2, 5, 6, 3, 1, NaN]);
  });

  it('names what it does not read', async () => {
    expect((await coded(() => readParquet(write(bytesOf(fixture.zstd))))).message).toContain('ZSTD');
    const path = write(bytesOf(fixture.none));
    expect((await coded(() => readParquet(path, ['vectr']))).message).toContain('did you mean "vector"');
    expect((await coded(async () => parquetNumbers(await readParquet(path, ['a', 'text'])))).where).toContain('row 1, column "text"');
    expect((await coded(() => readParquet(join(folder, 'none.parquet')))).code).toBe('EQM_DATA_MISSING');
  });

  it('survives damaged files', async () => {
    for (const codec of ['none', 'snappy', 'gzip'] as const) {
      await fc.assert(
        fc.asyncProperty(damaged(bytesOf(fixture[codec])), (input) => survivesAsync(() => readParquet(write(input, 'damaged.parquet')))),
        { numRuns: 60 },
      );
    }
  });
});
