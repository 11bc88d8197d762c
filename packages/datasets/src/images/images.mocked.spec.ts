import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { coded, survives, temporaryFolder } from '../data-root.fixture.js';
import { damaged } from '../readers/encode.fixture.js';
import { crop } from '../front-ends/image/image.js';
import { isBmp, parseBmp } from './bmp.js';
import { decodeImage, readImage } from './decode.js';
import reference from './images.fixture.json' with { type: 'json' };
import { listFiles } from './list.js';

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
const file = (name: keyof typeof reference): Uint8Array => bytesOf(reference[name].file);

describe('decoding', () => {
  it.each(Object.entries(reference))('%s: every pixel equals that of Pillow', async (_, { file: text, width, height, rgb }) => {
    const image = await decodeImage(bytesOf(text), 'a');
    expect([image.width, image.height, image.channels]).toEqual([width, height, 3]);
    expect(Buffer.compare(Buffer.from(image.data), Buffer.from(rgb, 'base64'))).toBe(0);
  });

  it.each(['jpeg', 'png'] as const)('a %s that ends early is refused, or accepted where asked', async (kind) => {
    const cut = file(kind).slice(0, file(kind).length * 0.8);
    const error = await coded(() => decodeImage(cut, 'folder/cut.jpg'));
    expect(error.code).toBe('EQM_DATA_MALFORMED');
    expect(error.where).toBe('folder/cut.jpg');
    const accepted = await decodeImage(cut, 'cut.jpg', { truncated: 'accept' });
    expect(accepted.data).toHaveLength(37 * 29 * 3);
  });

  it.each(['jpeg', 'jpeg progressive', 'png', 'bmp'] as const)('of a %s: a part, chosen once', async (name) => {
    const sizes: unknown[] = [];
    const box = { left: 3, top: 5, width: 20, height: 9 };
    const part = await decodeImage(file(name), 'a', {
      part: (size) => {
        sizes.push([size.width, size.height]);
        return box;
      },
    });
    expect(part).toEqual(crop(await decodeImage(file(name), 'a'), box));
    expect(sizes).toEqual([[37, 29]]);
  });

  it('refuses what is no image, and names the file', async () => {
    expect((await coded(() => decodeImage(new Uint8Array(0), 'empty.jpg'))).where).toBe('empty.jpg, byte 0');
    expect((await coded(() => decodeImage(Buffer.from('<html>not found</html>'), 'page.jpg'))).where).toBe('page.jpg');
    expect((await coded(() => readImage('/no/such.jpg'))).code).toBe('EQM_DATA_MISSING');
  });

  it('survives damaged images', async () => {
    const settled = fc.oneof(damaged(file('jpeg')), damaged(file('png')));
    await fc.assert(
      fc.asyncProperty(settled, async (bytes) => {
        try {
          await decodeImage(bytes, 'a');
        } catch (error) {
          survives(() => {
            throw error;
          });
        }
      }),
      { numRuns: 60 },
    );
    for (const kind of ['bmp', 'bmp palette', 'bmp 32'] as const)
      fc.assert(fc.property(damaged(file(kind)), (bytes) => survives(() => parseBmp(bytes, 'a.bmp'))));
  });

  it('says what to install where there is no decoder', async () => {
    vi.resetModules();
    vi.doMock('sharp', () => {
      throw new Error('Cannot find package');
    });
    const { decodeImage: without } = await import('./decode.js');
    await expect(without(file('jpeg progressive'), 'folder/a.jpg')).rejects.toMatchObject({
      code: 'EQM_DATA_DECODER',
      where: 'folder/a.jpg',
      fix: 'npm install sharp',
    });
    await expect(without(file('bmp'), 'a.bmp')).resolves.toMatchObject({ width: 37 });
    await expect(without(file('jpeg'), 'a.jpg')).resolves.toMatchObject({ width: 37 });
    vi.doUnmock('sharp');
  });

  it('knows bitmaps by their first letters', () => {
    expect([isBmp(file('bmp')), isBmp(file('png')), isBmp(new Uint8Array(0))]).toEqual([true, false, false]);
  });
});

describe('listing', () => {
  it('gives images in order of name or number, and nothing else', () => {
    const folder = temporaryFolder();
    for (const name of ['frame_10.jpg', 'frame_2.JPG', 'frame_1.png', '.hidden.jpg', 'notes.txt', 'x.jpeg'])
      writeFileSync(join(folder, name), '');
    mkdirSync(join(folder, 'folder.jpg'));
    const names = (order: 'name' | 'number'): string[] => listFiles(folder, { order }).map((path) => basename(path));
    expect(names('name')).toEqual(['frame_1.png', 'frame_10.jpg', 'frame_2.JPG', 'x.jpeg']);
    expect(names('number')).toEqual(['x.jpeg', 'frame_1.png', 'frame_2.JPG', 'frame_10.jpg']);
    expect(listFiles(folder, { endings: ['.txt'] })).toEqual([join(folder, 'notes.txt')]);
  });

  it('names a folder that is missing', async () => {
    expect((await coded(() => listFiles('/no/such/folder'))).code).toBe('EQM_DATA_MISSING');
  });
});
