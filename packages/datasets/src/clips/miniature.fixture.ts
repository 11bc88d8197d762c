import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { encodeNpy, encodeWav, pcm16 } from '../readers/encode.fixture.js';

/** Writes a file and the folders above it. */
export function put(root: string, path: string, content: string | Uint8Array): string {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

/** A sine as a 16-bit WAVE file. */
export function putSound(root: string, path: string, { hertz = 440, seconds = 0.3, rate = 16_000 } = {}): string {
  const samples = Array.from({ length: Math.round(seconds * rate) }, (_, i) =>
    Math.round(12_000 * Math.sin((2 * Math.PI * hertz * i) / rate)),
  );
  return put(root, path, encodeWav(pcm16(samples), { sampleRate: rate }));
}

/** A JPEG of one colour. */
export async function jpeg([r, g, b]: readonly [number, number, number], { width = 24, height = 16 } = {}): Promise<Uint8Array> {
  const image = sharp({ create: { width, height, channels: 3, background: { r, g, b } } });
  return new Uint8Array(await image.jpeg({ quality: 95 }).toBuffer());
}

/** Frames of one colour. */
export async function putFrames(root: string, names: readonly string[], colour: readonly [number, number, number]): Promise<void> {
  const bytes = await jpeg(colour);
  for (const name of names) put(root, name, bytes);
}

/** An array of 32-bit floats, all of one value. */
export function putArray(root: string, path: string, shape: readonly number[], value = 1): string {
  const count = shape.reduce((a, b) => a * b, 1);
  return put(root, path, encodeNpy('<f4', shape, new Uint8Array(new Float32Array(count).fill(value).buffer)));
}
