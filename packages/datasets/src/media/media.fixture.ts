import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { encodeWav, pcm16 } from '../readers/encode.fixture.js';
import type { LoaderDefinition } from './loader.js';

/** Samples of a sine, 16 bits. */
export const sine = (hertz: number, samples: number, rate: number): number[] =>
  Array.from({ length: samples }, (_, i) => Math.round(12000 * Math.sin((2 * Math.PI * hertz * i) / rate)));

export function writeWav(path: string, samples: readonly number[], sampleRate: number): string {
  writeFileSync(path, encodeWav(pcm16(samples), { sampleRate }));
  return path;
}

/** A JPEG of one colour, or of what `pixel` says. */
export async function writeJpeg(
  path: string,
  [width, height]: readonly [number, number],
  pixel: (x: number, y: number) => readonly [number, number, number],
): Promise<string> {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data.set(pixel(x, y), (y * width + x) * 3);
  await sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 95 })
    .toFile(path);
  return path;
}

/** A module of a third party with a loader `odd`: what its rows do is in `source.act`. */
export async function oddLoader(folder: string): Promise<LoaderDefinition> {
  const path = join(folder, 'odd.mjs');
  const url = pathToFileURL(path).href;
  writeFileSync(
    path,
    `export const odd = {
      name: 'odd', module: import.meta.url, version: 1, augments: () => true, caches: () => false,
      create: ({ size }) => ({
        async read({ act, value, delay }, { random }) {
          if (delay) await new Promise((resolve) => setTimeout(resolve, delay));
          if (act === 'throw') throw new Error('no such codec');
          if (act === 'exit') process.exit(3);
          const out = new Float32Array(act === 'short' ? size - 1 : size).fill(value);
          out[0] = random === undefined ? 0 : random.uniform();
          return out;
        },
      }),
    };`,
  );
  return ((await import(/* @vite-ignore */ url)) as { odd: LoaderDefinition }).odd;
}
