import { spawn, spawnSync } from 'node:child_process';
import { EquimodalError } from '@equimodal/core';
import type { Image } from '../../front-ends/image/image.js';
import { malformed } from '../../readers/bytes.js';

/** Decoding a clip never takes longer, unless the decoder hangs. */
const TIMEOUT_MS = 300_000;
/** Pixels of a frame, at most. */
const MOST_PIXELS = 2 ** 26;
/** Bytes of the decoder's messages that are kept. */
const MESSAGE = 2000;

const noFfmpeg = (file: string): EquimodalError =>
  new EquimodalError('EQM_DATA_DECODER', 'videos are decoded by the program "ffmpeg", which is not on the PATH', {
    where: file,
    fix: 'Install ffmpeg, or extract the frames of the videos as the README of the dataset says.',
  });

let available: boolean | undefined;

/** @throws EQM_DATA_DECODER when there is no ffmpeg on the PATH. */
export function requireFfmpeg(file: string): void {
  available ??= spawnSync('ffmpeg', ['-version'], { stdio: 'ignore', timeout: TIMEOUT_MS }).error === undefined;
  if (!available) throw noFfmpeg(file);
}

/**
 * Frames `from` to `to` (exclusive, from 0) of a video in RGB; fewer where the video ends before.
 *
 * @throws EQM_DATA_DECODER without ffmpeg; EQM_DATA_MALFORMED, with ffmpeg's own words, for a file that it cannot decode.
 */
export function decodeVideo(file: string, from: number, to: number): Promise<Image<Uint8Array>[]> {
  const output = ['-map', '0:v:0', '-frames:v', String(to), '-f', 'image2pipe', '-c:v', 'ppm', '-pix_fmt', 'rgb24', 'pipe:1'];
  return new Promise((resolve, reject) => {
    const child = spawn('ffmpeg', ['-nostdin', '-v', 'error', '-i', `file:${file}`, ...output], { stdio: ['ignore', 'pipe', 'pipe'] });
    const frames: Image<Uint8Array>[] = [];
    const stream = new PixmapStream(file, (frame, number) => {
      if (number >= from && number < to) frames.push(frame);
    });
    let message = '';
    const fail = (error: unknown): void => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(error as Error);
    };
    const timer = setTimeout(() => fail(malformed(file, '', `ffmpeg took longer than ${TIMEOUT_MS / 1000} s`)), TIMEOUT_MS);
    child.on('error', (error: NodeJS.ErrnoException) => fail(error.code === 'ENOENT' ? noFfmpeg(file) : error));
    child.stderr.on('data', (text: Buffer) => (message = (message + text.toString()).slice(0, MESSAGE)));
    child.stdout.on('data', (bytes: Buffer) => {
      try {
        stream.push(bytes);
      } catch (error) {
        fail(error);
      }
    });
    child.on('close', (status) => {
      clearTimeout(timer);
      if (status === 0 && stream.frames > 0) resolve(frames);
      else reject(malformed(file, '', `ffmpeg cannot decode the video: ${message.trim() || `exit status ${status}`}`));
    });
  });
}

const HEADER = /^P6\n(\d{1,6}) (\d{1,6})\n255\n/;
/** No header is longer. */
const LONGEST_HEADER = 24;

/** Portable pixmaps, one behind the other, as they come in pieces. Only the frame under way is remembered. */
export class PixmapStream {
  frames = 0;
  #pending: Buffer = Buffer.alloc(0);

  constructor(
    private readonly file: string,
    private readonly take: (frame: Image<Uint8Array>, number: number) => void,
  ) {}

  /** @throws EQM_DATA_MALFORMED for anything but pixmaps of 8 bits. */
  push(bytes: Buffer): void {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    for (;;) {
      const match = HEADER.exec(this.#pending.toString('latin1', 0, LONGEST_HEADER));
      if (match === null) {
        if (this.#pending.length < LONGEST_HEADER) return;
        throw malformed(this.file, `frame ${this.frames}`, 'the decoder gave no picture');
      }
      const [width, height] = [Number(match[1]), Number(match[2])];
      if (width * height > MOST_PIXELS || width * height === 0)
        throw malformed(this.file, `frame ${this.frames}`, `a frame has ${width} x ${height} pixels`);
      const [start, end] = [match[0].length, match[0].length + width * height * 3];
      if (this.#pending.length < end) return;
      this.take({ width, height, channels: 3, data: new Uint8Array(this.#pending.subarray(start, end)) }, this.frames++);
      this.#pending = this.#pending.subarray(end);
    }
  }
}
