import { ByteReader, decodeNumbers, readBytes } from './bytes.js';

/** Decoded audio. Samples are in [-1, 1) for integer formats. */
export interface Wav {
  readonly sampleRate: number;
  /** Channels in the file; `samples` is their mean. */
  readonly channels: number;
  /** [time] */
  readonly samples: Float32Array;
}

interface Format {
  readonly coding: 'pcm' | 'float';
  readonly channels: number;
  readonly sampleRate: number;
  readonly bits: number;
}

const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;

/**
 * Parses a RIFF/WAVE file: PCM of 8, 16, 24 or 32 bits, or 32/64-bit float; several channels are averaged.
 *
 * @throws EQM_DATA_MALFORMED naming file and offset; a data chunk that ends before its declared size is an error.
 */
export function parseWav(bytes: Uint8Array, file: string): Wav {
  const reader = new ByteReader(bytes, file);
  if (reader.ascii(4, 'the RIFF tag') !== 'RIFF') throw reader.fail('not a RIFF file', 0);
  reader.u32('the RIFF size');
  if (reader.ascii(4, 'the WAVE tag') !== 'WAVE') throw reader.fail('not a WAVE file', 8);
  let format: Format | undefined;
  while (reader.remaining >= 8) {
    const id = reader.ascii(4, 'a chunk name');
    const size = reader.u32('a chunk size');
    const start = reader.offset;
    if (id === 'data') {
      if (format === undefined) throw reader.fail('the data chunk comes before the format chunk', start - 8);
      return decode(new ByteReader(reader.take(size, 'the data chunk'), file, true, start), format);
    }
    const chunk = reader.take(size, `chunk "${id}"`);
    if (id === 'fmt ') format = readFormat(new ByteReader(chunk, file, true, start));
    if (size % 2 === 1 && reader.remaining > 0) reader.offset += 1;
  }
  throw reader.fail('truncated: there is no data chunk');
}

/** @throws EQM_DATA_MISSING, EQM_DATA_MALFORMED */
export function readWav(path: string): Wav {
  return parseWav(readBytes(path), path);
}

function readFormat(reader: ByteReader): Format {
  let code = reader.u16('the format code');
  const channels = reader.u16('the number of channels');
  const sampleRate = reader.u32('the sample rate');
  reader.u32('the byte rate');
  reader.u16('the block size');
  const bits = reader.u16('the bits per sample');
  if (code === EXTENSIBLE) {
    reader.take(8, 'the format extension');
    code = reader.u16('the sub-format');
  }
  const supported = code === PCM ? [8, 16, 24, 32] : code === FLOAT ? [32, 64] : [];
  if (!supported.includes(bits)) throw reader.fail(`unsupported WAVE coding: format ${code} with ${bits} bits`, 0);
  if (channels === 0 || sampleRate === 0) throw reader.fail(`${channels} channels at ${sampleRate} Hz`, 2);
  return { coding: code === PCM ? 'pcm' : 'float', channels, sampleRate, bits };
}

function decode(reader: ByteReader, { coding, channels, sampleRate, bits }: Format): Wav {
  const width = bits / 8;
  if (reader.remaining % (width * channels) !== 0)
    throw reader.fail(`the data chunk of ${reader.remaining} bytes ends within a frame of ${width * channels}`);
  const frames = reader.remaining / (width * channels);
  if (coding === 'pcm' && bits === 16 && channels === 1) return { sampleRate, channels, samples: monoOf16Bits(reader) };
  const sample = sampleReader(reader.bytes, coding, bits);
  const samples = new Float32Array(frames);
  for (let frame = 0; frame < frames; frame++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += sample((frame * channels + channel) * width);
    if (!Number.isFinite(sum)) throw reader.fail('a sample is not a finite number', frame * channels * width);
    samples[frame] = sum / channels;
  }
  return { sampleRate, channels, samples };
}

/** The usual kind of file. */
function monoOf16Bits(reader: ByteReader): Float32Array {
  const words = decodeNumbers('i2', reader.bytes, true, (what) => reader.fail(what)) as Int16Array;
  const samples = new Float32Array(words.length);
  for (let i = 0; i < words.length; i++) samples[i] = words[i]! / 32768;
  return samples;
}

/** Reads the sample that begins at a byte offset. */
function sampleReader(bytes: Uint8Array, coding: Format['coding'], bits: number): (offset: number) => number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (coding === 'float') return bits === 32 ? (at) => view.getFloat32(at, true) : (at) => view.getFloat64(at, true);
  switch (bits) {
    case 8:
      return (at) => (view.getUint8(at) - 128) / 128;
    case 16:
      return (at) => view.getInt16(at, true) / 32768;
    case 24:
      return (at) => ((view.getInt8(at + 2) << 16) | view.getUint16(at, true)) / 8388608;
    default:
      return (at) => view.getInt32(at, true) / 2147483648;
  }
}
