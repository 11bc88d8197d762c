import { existsSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { messageOf } from '@equimodal/core';
import { ByteReader, elementCount, largestExpansion, malformed, missing, readBytes, type NdArray, type StorageType } from './bytes.js';

/** Element types of the IDX format: third byte of the magic number. */
const TYPES: Readonly<Record<number, StorageType>> = {
  0x08: 'u1',
  0x09: 'i1',
  0x0b: 'i2',
  0x0c: 'i4',
  0x0d: 'f4',
  0x0e: 'f8',
};

/**
 * Parses an IDX file (the format of MNIST), compressed with gzip or not.
 *
 * Layout, big-endian: 0, 0, element type, number of dimensions, one uint32 per dimension, elements in row-major order.
 *
 * @throws EQM_DATA_MALFORMED naming file and offset.
 */
export function parseIdx(bytes: Uint8Array, file: string): NdArray {
  const plain = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzip(bytes, file) : bytes;
  const reader = new ByteReader(plain, file, false);
  if (reader.u16('the magic number') !== 0) throw reader.fail('not an IDX file: the first two bytes are not zero', 0);
  const code = reader.u8('the element type');
  const type = TYPES[code];
  if (type === undefined) throw reader.fail(`unknown IDX element type 0x${code.toString(16).padStart(2, '0')}`, 2);
  const rank = reader.u8('the number of dimensions');
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis++) shape.push(reader.u32(`dimension ${axis}`));
  const count = elementCount(shape, reader.remaining / Number(type[1]), (what) => reader.fail(`truncated: ${what}`));
  const data = reader.numbers(type, count, 'the elements');
  if (reader.remaining > 0) throw reader.fail(`${reader.remaining} bytes follow the last element`);
  return { shape, data };
}

/** Reads an IDX file; where `path` does not exist, `path`.gz is tried. */
export function readIdx(path: string): NdArray {
  const found = findIdx(path);
  if (found === undefined) throw missing('an IDX file is missing', [path, `${path}.gz`]);
  return parseIdx(readBytes(found), found);
}

/** The path itself or its gzip-compressed twin, whichever exists. */
export function findIdx(path: string): string | undefined {
  return [path, `${path}.gz`].find((candidate) => existsSync(candidate));
}

function gunzip(bytes: Uint8Array, file: string): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: largestExpansion(bytes.length) });
  } catch (cause) {
    throw malformed(file, '', `the gzip stream is damaged or truncated (${messageOf(cause)})`, cause);
  }
}
