/** Files like those of CREMA-D, for both sides of a workload of reading: WAVE of 16 kHz beside JPEG of 480 x 360. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

/** The same numbers on every machine. */
function* noise(seed) {
  for (let state = seed >>> 0; ;) {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    yield state / 2 ** 31 - 1;
  }
}

/** 16-bit PCM: some tones and noise. */
function wave(seconds, rate, seed) {
  const samples = Math.round(seconds * rate);
  const bytes = Buffer.alloc(44 + 2 * samples);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + 2 * samples, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(rate, 24);
  bytes.writeUInt32LE(2 * rate, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(2 * samples, 40);
  const random = noise(seed);
  for (let i = 0; i < samples; i++) {
    const tone = Math.sin((2 * Math.PI * (200 + 40 * seed) * i) / rate);
    bytes.writeInt16LE(Math.round(8000 * tone + 2000 * random.next().value), 44 + 2 * i);
  }
  return bytes;
}

/** A smooth picture with some grain, as a camera gives. */
async function picture(path, width, height, seed) {
  const random = noise(seed);
  const data = Buffer.alloc(width * height * 3);
  for (let i = 0; i < data.length; i++) {
    const [x, y, c] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
    data[i] = 128 + 50 * Math.sin(x / 40 + seed + c) + 50 * Math.cos(y / 30 - c) + 8 * random.next().value;
  }
  await sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 92 })
    .toFile(path);
}

/** Writes `<row>.wav` and `<row>.jpg`. */
export async function writeMedia(folder, { rows, seconds, rate, width, height }) {
  mkdirSync(folder, { recursive: true });
  for (let row = 0; row < rows; row++) {
    writeFileSync(join(folder, `${row}.wav`), wave(seconds, rate, row + 1));
    await picture(join(folder, `${row}.jpg`), width, height, row + 1);
  }
}
