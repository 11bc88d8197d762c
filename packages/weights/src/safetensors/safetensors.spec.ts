import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EquimodalError } from '@equimodal/core';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import fixture from './safetensors.fixture.json' with { type: 'json' };
import { sha256OfFile, WeightFile, writeWeights, type Weight } from './safetensors.js';

const folder = mkdtempSync(join(tmpdir(), 'equimodal-weights-'));
const path = join(folder, 'a.safetensors');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const readAll = (): Record<string, Weight> => {
  const file = WeightFile.open(path);
  try {
    return Object.fromEntries([...file.tensors.keys()].map((name) => [name, file.read(name)]));
  } finally {
    file.close();
  }
};
/** A file of a header and data. */
const raw = (header: unknown, data = 0): Buffer => {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(data)]);
};
const refused = (bytes: Uint8Array): EquimodalError => {
  writeFileSync(path, bytes);
  try {
    readAll();
  } catch (error) {
    expect(error).toBeInstanceOf(EquimodalError);
    expect(error).toMatchObject({ code: 'EQM_WEIGHTS_MALFORMED', where: path });
    return error as EquimodalError;
  }
  throw new Error('it was not refused');
};

describe('reading', () => {
  it('gives the numbers that the safetensors package wrote, of every type', () => {
    writeFileSync(path, Buffer.from(fixture.file, 'base64'));
    const tensors = readAll();
    expect(Object.keys(tensors).sort()).toEqual(Object.keys(fixture.tensors).sort());
    for (const [name, { shape, data }] of Object.entries(fixture.tensors)) {
      expect(tensors[name]!.shape, name).toEqual(shape);
      expect([...tensors[name]!.values], name).toEqual(data.map(Number));
      expect(tensors[name]!.values, name).toBeInstanceOf(name.startsWith('I') ? Int32Array : Float32Array);
    }
    const file = WeightFile.open(path);
    expect(file.metadata).toEqual({ format: 'pt' });
    file.close();
  });

  it.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['a header longer than the file', Buffer.from([255, 255, 255, 255, 255, 255, 255, 127, 1])],
    ['a header that is not JSON', raw('{"a":')],
    ['a header that is a list', raw([])],
    ['metadata that are not texts', raw({ __metadata__: { a: 1 } })],
    ['a tensor that is null', raw({ a: null })],
    ['an unknown type', raw({ a: { dtype: 'F31', shape: [1], data_offsets: [0, 4] } }, 4)],
    ['the type of a member of every object', raw({ a: { dtype: 'constructor', shape: [1], data_offsets: [0, 4] } }, 4)],
    ['a negative size', raw({ a: { dtype: 'F32', shape: [-1], data_offsets: [0, 4] } }, 4)],
    ['a shape beyond all numbers', raw({ a: { dtype: 'F32', shape: [1e15, 1e15], data_offsets: [0, 4] } }, 4)],
    ['offsets of another length', raw({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 4] } }, 4)],
    ['offsets that run backwards', raw({ a: { dtype: 'F32', shape: [0], data_offsets: [4, 4] } }, 4)],
    ['a gap', raw({ a: { dtype: 'F32', shape: [1], data_offsets: [4, 8] } }, 8)],
    [
      'an overlap',
      raw({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] }, b: { dtype: 'F32', shape: [1], data_offsets: [4, 8] } }, 8),
    ],
    ['data that no tensor has', raw({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }, 5)],
    ['a type that is not read', raw({ a: { dtype: 'BOOL', shape: [1], data_offsets: [0, 1] } }, 1)],
  ])('refuses %s', (_what, bytes) => void refused(bytes));

  it('refuses an integer that int32 does not hold', () => {
    const bytes = raw({ a: { dtype: 'I64', shape: [1], data_offsets: [0, 8] } }, 8);
    bytes.writeBigInt64LE(2n ** 31n, bytes.length - 8);
    expect(refused(bytes).message).toContain('too large');
  });

  it('refuses every truncation', () => {
    const whole = Buffer.from(fixture.file, 'base64');
    fc.assert(fc.property(fc.integer({ min: 0, max: whole.length - 1 }), (length) => void refused(whole.subarray(0, length))));
  });

  it('never fails otherwise than by that code, whatever happens to the header', () => {
    const whole = Buffer.from(fixture.file, 'base64');
    const header = Number(whole.readBigUInt64LE(0)) + 8;
    const change = fc.tuple(fc.integer({ min: 0, max: header - 1 }), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = Buffer.from(whole);
        for (const [at, value] of changes) bytes[at] = value;
        writeFileSync(path, bytes);
        try {
          for (const { shape, values } of Object.values(readAll())) expect(values.length).toBe(shape.reduce((a, b) => a * b, 1));
        } catch (error) {
          expect(error).toMatchObject({ code: 'EQM_WEIGHTS_MALFORMED' });
        }
      }),
    );
  });

  it('says when there is no file, or a folder', () => {
    for (const place of [join(folder, 'none'), folder]) {
      expect(() => WeightFile.open(place)).toThrow(expect.objectContaining({ code: 'EQM_WEIGHTS_MISSING', where: place }));
      expect(() => sha256OfFile(place)).toThrow(expect.objectContaining({ code: 'EQM_WEIGHTS_MISSING' }));
    }
  });
});

describe('writing', () => {
  const tensor = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }).chain((shape) => {
    const length = shape.reduce((a, b) => a * b, 1);
    const exactly = { minLength: length, maxLength: length };
    return fc.oneof(
      fc.array(fc.float({ noNaN: false }), exactly).map((values): Weight => ({ shape, values: Float32Array.from(values) })),
      fc
        .array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), exactly)
        .map((values): Weight => ({ shape, values: Int32Array.from(values) })),
    );
  });
  const name = fc.string().filter((text) => text !== '__metadata__' && text !== '__proto__');

  it('is read back as it was, and leaves nothing else behind', () => {
    fc.assert(
      fc.property(fc.dictionary(name, tensor), fc.dictionary(name, fc.string()), (tensors, metadata) => {
        writeWeights(path, tensors, metadata);
        expect(readAll()).toEqual({ ...tensors });
        const file = WeightFile.open(path);
        expect(file.metadata).toEqual({ ...metadata });
        file.close();
      }),
    );
    expect(readdirSync(folder)).toEqual(['a.safetensors']);
  });

  it('puts the data on a multiple of eight bytes', () => {
    writeWeights(path, { a: { shape: [1], values: Float32Array.of(1) } });
    expect(Number(readFileSync(path).readBigUInt64LE(0)) % 8).toBe(0);
  });
});

it('hashes a file as sha256sum does', () => {
  writeFileSync(path, 'abc');
  expect(sha256OfFile(path)).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});
