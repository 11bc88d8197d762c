import { deflateSync } from 'node:zlib';
import fc from 'fast-check';

/** Builds a byte array field by field. */
export class Encoder {
  #parts: Uint8Array[] = [];
  constructor(private readonly little = true) {}

  number(width: 1 | 2 | 4 | 8, value: number, float = false): this {
    const view = new DataView(new ArrayBuffer(width));
    if (float && width === 4) view.setFloat32(0, value, this.little);
    else if (float) view.setFloat64(0, value, this.little);
    else if (width === 1) view.setUint8(0, value);
    else if (width === 2) view.setUint16(0, value, this.little);
    else if (width === 4) view.setUint32(0, value, this.little);
    else view.setBigInt64(0, BigInt(value), this.little);
    this.#parts.push(new Uint8Array(view.buffer));
    return this;
  }

  text(text: string): this {
    return this.raw(Uint8Array.from(text, (letter) => letter.charCodeAt(0)));
  }

  raw(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    return this;
  }

  done(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#parts));
  }
}

export function encodeIdx(shape: readonly number[], data: readonly number[]): Uint8Array {
  const out = new Encoder(false).number(2, 0).number(1, 0x08).number(1, shape.length);
  for (const size of shape) out.number(4, size);
  return out.raw(Uint8Array.from(data)).done();
}

export interface WavContent {
  readonly bits?: 8 | 16 | 24 | 32 | 64;
  readonly float?: boolean;
  readonly channels?: number;
  readonly sampleRate?: number;
}

/** A WAVE file of raw sample bytes. */
export function encodeWav(data: Uint8Array, { bits = 16, float = false, channels = 1, sampleRate = 8000 }: WavContent = {}): Uint8Array {
  const block = (bits / 8) * channels;
  return new Encoder()
    .text('RIFF')
    .number(4, 36 + data.length)
    .text('WAVEfmt ')
    .number(4, 16)
    .number(2, float ? 3 : 1)
    .number(2, channels)
    .number(4, sampleRate)
    .number(4, sampleRate * block)
    .number(2, block)
    .number(2, bits)
    .text('data')
    .number(4, data.length)
    .raw(data)
    .done();
}

/** 16-bit samples as bytes. */
export function pcm16(samples: readonly number[]): Uint8Array {
  return new Uint8Array(Int16Array.from(samples).buffer);
}

export function encodeNpy(descr: string, shape: readonly number[], body: Uint8Array, { fortran = false, version = 1 } = {}): Uint8Array {
  const tuple = `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
  const header = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': ${tuple}, }\n`;
  return new Encoder()
    .number(1, 0x93)
    .text('NUMPY')
    .number(1, version)
    .number(1, 0)
    .number(version === 1 ? 2 : 4, header.length)
    .text(header)
    .raw(body)
    .done();
}

/** Elements of a level-5 MAT file, little- or big-endian. */
export class MatEncoder {
  constructor(private readonly little = true) {}

  element(type: number, bytes: Uint8Array): Uint8Array {
    const padding = type === 15 ? 0 : (8 - (bytes.length % 8)) % 8;
    return new Encoder(this.little).number(4, type).number(4, bytes.length).raw(bytes).raw(new Uint8Array(padding)).done();
  }

  /** The small format: at most four bytes. */
  small(type: number, bytes: Uint8Array): Uint8Array {
    return new Encoder(this.little)
      .number(4, (bytes.length << 16) | type)
      .raw(bytes)
      .raw(new Uint8Array(4 - bytes.length))
      .done();
  }

  numbers(width: 1 | 2 | 4 | 8, values: readonly number[], float = false): Uint8Array {
    const out = new Encoder(this.little);
    for (const value of values) out.number(width, value, float);
    return out.done();
  }

  matrix(kind: number, name: string, shape: readonly number[], content: Uint8Array): Uint8Array {
    const letters = new Encoder().text(name).done();
    return this.element(
      14,
      new Encoder()
        .raw(this.element(6, this.numbers(4, [kind, 0])))
        .raw(this.element(5, this.numbers(4, shape)))
        .raw(name.length > 0 && name.length <= 4 ? this.small(1, letters) : this.element(1, letters))
        .raw(content)
        .done(),
    );
  }

  compressed(element: Uint8Array): Uint8Array {
    return this.element(15, deflateSync(element));
  }

  file(...elements: Uint8Array[]): Uint8Array {
    const out = new Encoder(this.little)
      .text('MATLAB 5.0 MAT-file'.padEnd(116))
      .raw(new Uint8Array(8))
      .number(2, 0x0100)
      .text(this.little ? 'IM' : 'MI');
    for (const element of elements) out.raw(element);
    return out.done();
  }
}

/** A bitmap [size, size] of one shade of red. */
export function bitmap(size: number, red: number): Uint8Array {
  const out = Buffer.alloc(54 + 3 * size * size, 0);
  out.write('BM');
  out.writeUInt32LE(out.length, 2);
  out.writeUInt32LE(54, 10);
  out.writeUInt32LE(40, 14);
  out.writeInt32LE(size, 18);
  out.writeInt32LE(size, 22);
  out.writeUInt16LE(1, 26);
  out.writeUInt16LE(24, 28);
  for (let at = 54; at < out.length; at += 3) out[at + 2] = red;
  return out;
}

/** Damaged copies of a file: cut short, with flipped bits, or empty. */
export function damaged(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const cut = fc.integer({ min: 0, max: bytes.length - 1 }).map((length) => bytes.slice(0, length));
  const flips = fc
    .array(fc.tuple(fc.integer({ min: 0, max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 4,
    })
    .map((list) => {
      const copy = bytes.slice();
      for (const [at, mask] of list) copy[at]! ^= mask;
      return copy;
    });
  return fc.oneof(cut, flips, fc.uint8Array({ maxLength: 64 }));
}
