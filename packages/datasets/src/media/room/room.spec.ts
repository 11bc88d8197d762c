import { existsSync, mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../data-root.fixture.js';
import { mediaCacheLimit } from './limit.js';
import { CacheRoom } from './room.js';

const root = temporaryFolder();
let folders = 0;

/** A folder of files of 100 bytes, last used so many hours ago. */
function filled(...hours: number[]): { folder: string; left: () => boolean[] } {
  const folder = join(root, `room-${folders++}`);
  mkdirSync(join(folder, 'ab'), { recursive: true });
  const paths = hours.map((ago, i) => {
    const path = join(folder, 'ab', `${i}.bin`);
    writeFileSync(path, Buffer.alloc(100));
    const at = Date.now() / 1000 - 3600 * ago;
    utimesSync(path, at, at);
    return path;
  });
  return { folder, left: () => paths.map((path) => existsSync(path)) };
}

describe('the limit of the cache of decoded files', () => {
  it('is read with its unit', () => {
    const limit = (text: string): number => mediaCacheLimit({ EQUIMODAL_MEDIA_CACHE_LIMIT: text });
    expect([limit('123'), limit('1.5KB'), limit('2 mb'), limit('3GiB'), limit('1T'), limit('none')]).toEqual([
      123,
      1536,
      2 ** 21,
      3 * 2 ** 30,
      2 ** 40,
      Infinity,
    ]);
    expect(mediaCacheLimit({})).toBe(50 * 2 ** 30);
    for (const wrong of ['0', '-1', 'much', '5XB', '1e3', '0.1']) {
      expect(() => limit(wrong), wrong).toThrow(
        expect.objectContaining({ code: 'EQM_CONFIG_INVALID', where: 'EQUIMODAL_MEDIA_CACHE_LIMIT' }) as Error,
      );
    }
  });
});

describe('room in a cache', () => {
  it('removes what was not used for longest, and no more than it has to', () => {
    const { folder, left } = filled(3, 9, 5, 4);
    expect(new CacheRoom(folder, 375).make(100)).toBe(true);
    // 400 + 100 bytes to at most 80 % of 375: two of the four go.
    expect(left()).toEqual([true, false, false, true]);
  });

  it('removes nothing while there is room', () => {
    const { folder, left } = filled(3, 9);
    expect(new CacheRoom(folder, 1000).make(100)).toBe(true);
    expect(left()).toEqual([true, true]);
  });

  it('never removes what is in use, and says that there is no room', () => {
    const { folder, left } = filled(0.1, 0.2, 0, 8);
    expect(new CacheRoom(folder, 350).make(100)).toBe(false);
    expect(left()).toEqual([true, true, true, false]);
  });

  it('keeps a file that was used since', () => {
    const { folder, left } = filled(3, 9);
    const room = new CacheRoom(folder, 250);
    const path = join(folder, 'ab', '1.bin');
    room.use(path);
    expect(Date.now() - statSync(path).mtimeMs).toBeLessThan(60_000);
    room.use(join(folder, 'gone.bin'));
    expect(room.make(100)).toBe(true);
    expect(left()).toEqual([false, true]);
  });

  it('looks again before what others write can fill it', () => {
    const { folder } = filled();
    const room = new CacheRoom(folder, 10_000);
    expect(room.make(100)).toBe(true);
    writeFileSync(join(folder, 'other.bin'), Buffer.alloc(9_950));
    const kept = Array.from({ length: 20 }, () => room.make(100)).filter(Boolean).length;
    expect(kept).toBeLessThanOrEqual(10_000 / 16 / 100);
  });

  it('has no end without a limit', () => {
    const { folder } = filled(9);
    const room = new CacheRoom(folder, Infinity);
    expect(room.make(1e15)).toBe(true);
    room.use(join(folder, 'gone.bin'));
  });
});
