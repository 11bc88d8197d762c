/**
 * Records of TensorBoard's event files: a protobuf message `Event` in the framing of a TFRecord.
 *
 * Sources: tensorflow/core/util/event.proto, tensorflow/core/framework/summary.proto, tensorflow/core/lib/io/record_writer.h.
 */

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? 0x82f63b78 ^ (value >>> 1) : value >>> 1;
  return value;
});

/** CRC-32C (Castagnoli). */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** The checksum as record files hold it: rotated by 15 bits, plus a constant, so that it is no checksum of itself. */
function masked(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** A record: length, its checksum, the bytes, their checksum. */
function framed(bytes: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeBigUInt64LE(BigInt(bytes.length));
  head.writeUInt32LE(masked(head.subarray(0, 8)), 8);
  const foot = Buffer.alloc(4);
  foot.writeUInt32LE(masked(bytes));
  return Buffer.concat([head, bytes, foot]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return [...bytes, rest];
}

/** Field numbers and wire types of protobuf: 0 varint, 1 eight bytes, 2 bytes with their length, 5 four bytes. */
const key = (field: number, wire: 0 | 1 | 2 | 5): number => (field << 3) | wire;
const bytesField = (field: number, bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([key(field, 2), ...varint(bytes.length)]), bytes]);

function doubleField(field: number, value: number): Buffer {
  const out = Buffer.alloc(9);
  out[0] = key(field, 1);
  out.writeDoubleLE(value, 1);
  return out;
}

function floatField(field: number, value: number): Buffer {
  const out = Buffer.alloc(5);
  out[0] = key(field, 5);
  out.writeFloatLE(value, 1);
  return out;
}

/** The record every event file begins with. @param seconds since 1970 */
export function versionRecord(seconds: number): Buffer {
  return framed(Buffer.concat([doubleField(1, seconds), bytesField(3, Buffer.from('brain.Event:2'))]));
}

/**
 * A record of scalars at a step.
 *
 * @param seconds since 1970
 * @param step a whole number, 0 or more
 * @param scalars by tag; NaN and infinities are kept
 */
export function scalarRecord(seconds: number, step: number, scalars: Readonly<Record<string, number>>): Buffer {
  const values = Object.entries(scalars).map(([tag, value]) =>
    bytesField(1, Buffer.concat([bytesField(1, Buffer.from(tag)), floatField(2, value)])),
  );
  const at = Buffer.from([key(2, 0), ...varint(step)]);
  return framed(Buffer.concat([doubleField(1, seconds), at, bytesField(5, Buffer.concat(values))]));
}
