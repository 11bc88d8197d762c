import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../data-root.fixture.js';
import { damaged } from '../readers/encode.fixture.js';
import { MediaCache } from './cache.js';
import type { Decoded } from './loader.js';

const folder = temporaryFolder();
const file = join(folder, 'clip.wav');
writeFileSync(file, 'abc');
let folders = 0;
const newCache = (): MediaCache => new MediaCache(join(folder, `cache-${folders++}`));
const decoded: Decoded = { shape: [2, 3], data: Float32Array.from([1, 2, 3, 4, 5, -6]) };

describe('the cache of decoded files', () => {
  it.each([
    decoded,
    { shape: [3], data: Uint8Array.from([1, 2, 255]) },
    { shape: [2], data: Int16Array.from([-1, 7]) },
    { shape: [0], data: new Int32Array(0) },
    { shape: [2], data: new Float32Array([9, 8, 7, 6]).subarray(1, 3) },
  ] as Decoded[])('makes an array once and then gives the same again', async (array) => {
    const cache = newCache();
    const make = vi.fn(() => array);
    expect(await cache.get(file, 'x', make)).toEqual(array);
    const again = await new MediaCache(cache.folder).get(file, 'x', make);
    expect(again.shape).toEqual(array.shape);
    expect(again.data).toEqual(array.data.slice());
    expect(make).toHaveBeenCalledTimes(1);
  });

  it('has another place for other options, another file, and a file that changed', () => {
    const cache = newCache();
    const places = new Set([cache.path(file, { rate: 1 }), cache.path(file, { rate: 2 })]);
    const other = join(folder, 'other.wav');
    writeFileSync(other, 'abc');
    places.add(cache.path(other, { rate: 1 }));
    utimesSync(other, 1e9, 1e9);
    places.add(cache.path(other, { rate: 1 }));
    writeFileSync(other, 'abcd');
    utimesSync(other, 1e9, 1e9);
    places.add(cache.path(other, { rate: 1 }));
    expect(places.size).toBe(5);
    expect(cache.path(file, { rate: 1 })).toBe(cache.path(file, { rate: 1 }));
  });

  it('makes a damaged array again', async () => {
    const cache = newCache();
    await cache.get(file, 'x', () => decoded);
    const path = cache.path(file, 'x');
    const bytes = new Uint8Array(readFileSync(path));
    fc.assert(
      fc.property(damaged(bytes), (broken) => {
        writeFileSync(path, broken);
        const read = cache.read(path);
        if (read !== undefined) expect(read).toEqual(decoded);
      }),
    );
    writeFileSync(path, bytes.slice(0, -1));
    expect(await cache.get(file, 'x', () => decoded)).toEqual(decoded);
    expect(cache.read(path)).toEqual(decoded);
    expect(readdirSync(join(path, '..'))).toHaveLength(1);
  });

  it('goes on without keeping anything where it cannot be written, and says so once', async () => {
    const blocked = join(folder, 'blocked');
    writeFileSync(blocked, '');
    const cache = new MediaCache(blocked);
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    for (let i = 0; i < 2; i++) expect(await cache.get(file, i, () => decoded)).toEqual(decoded);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(String(warn.mock.calls[0]![0])).toContain(blocked);
    warn.mockRestore();
  });

  it('lets old files go when the limit is reached, and keeps no more once all are in use', async () => {
    const { folder: place } = newCache();
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const fresh = (limit: number): MediaCache => new MediaCache(place, limit);
    await fresh(Infinity).get(file, 'old', () => decoded);
    const old = fresh(Infinity).path(file, 'old');
    const bytes = readFileSync(old).length;
    utimesSync(old, 1e9, 1e9);
    const cache = fresh(1.5 * bytes);
    await cache.get(file, 'new', () => decoded);
    expect([existsSync(old), existsSync(cache.path(file, 'new'))]).toEqual([false, true]);
    expect(await cache.get(file, 'third', () => decoded)).toEqual(decoded);
    expect(existsSync(cache.path(file, 'third'))).toBe(false);
    expect(warn.mock.calls.map(([text]) => String(text))).toEqual([expect.stringContaining('EQUIMODAL_MEDIA_CACHE_LIMIT')]);
    warn.mockRestore();
  });

  it('keeps nothing of what could not be made', async () => {
    const cache = newCache();
    mkdirSync(cache.folder);
    await expect(cache.get(file, 'x', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(readdirSync(cache.folder)).toEqual([]);
  });
});
