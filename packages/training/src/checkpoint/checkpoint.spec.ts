import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { EquimodalError } from '@equimodal/core';
import { type Json } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCheckpoint, writeCheckpoint } from './checkpoint.js';

const dir = mkdtempSync(join(tmpdir(), 'equimodal-checkpoint-'));
const file = join(dir, 'latest.safetensors');
beforeAll(async () => void (await startTestEngine()));
afterAll(() => rmSync(dir, { recursive: true }));

function write(meta: Json = { epoch: 3 }): void {
  tf.tidy(() =>
    writeCheckpoint(file, {
      trees: {
        params: { 'a/kernel': tf.tensor2d([1, 2, 3, 4], [2, 2]), 'a/bias': tf.scalar(-0.5) },
        memory: { count: tf.tensor1d([7, 8], 'int32') },
        state: {},
      },
      meta,
    }),
  );
}

describe('checkpoint', () => {
  it('gives back tensors, types, shapes and JSON, and leaves nothing else behind', () => {
    write({ epoch: 3, text: 'é', list: [1, null] });
    const { trees, meta } = readCheckpoint(file);
    expect(meta).toEqual({ epoch: 3, text: 'é', list: [1, null] });
    const leaf = (tree: string, path: string) => trees[tree]![path]!;
    expect([leaf('params', 'a/kernel').shape, [...leaf('params', 'a/kernel').dataSync()]]).toEqual([
      [2, 2],
      [1, 2, 3, 4],
    ]);
    expect([leaf('params', 'a/bias').shape, leaf('params', 'a/bias').dataSync()[0]]).toEqual([[], -0.5]);
    expect([leaf('memory', 'count').dtype, [...leaf('memory', 'count').dataSync()]]).toEqual(['int32', [7, 8]]);
    expect(readdirSync(dir)).toEqual(['latest.safetensors']);
  });

  it('is a safetensors file: a header of JSON, then the data', () => {
    write();
    const bytes = readFileSync(file);
    const size = Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.toString('utf8', 8, 8 + size)) as Record<string, { data_offsets: [number, number]; shape: number[] }>;
    expect(size % 8).toBe(0);
    const [start, end] = header['params/a/kernel']!.data_offsets;
    expect([...new Float32Array(bytes.buffer.slice(bytes.byteOffset + 8 + size + start, bytes.byteOffset + 8 + size + end))]).toEqual([
      1, 2, 3, 4,
    ]);
  });

  it('answers any damage with EQM_CHECKPOINT_CORRUPT', () => {
    write();
    const whole = readFileSync(file);
    const corrupt = (bytes: Buffer): void => {
      writeFileSync(file, bytes);
      try {
        readCheckpoint(file);
      } catch (error) {
        expect((error as EquimodalError).code).toBe('EQM_CHECKPOINT_CORRUPT');
        return;
      }
      throw new Error('the damage went unnoticed');
    };
    const size = Number(whole.readBigUInt64LE(0));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length - 1 }), (length) => corrupt(whole.subarray(0, length))),
      { numRuns: 60 },
    );
    const shapes = Buffer.from(whole.toString('latin1').replace('"shape":[2,2]', '"shape":[4,1]'), 'latin1');
    corrupt(shapes);
    fc.assert(
      fc.property(fc.integer({ min: 8 + size, max: whole.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const bytes = Buffer.from(whole);
        bytes[at]! ^= by;
        corrupt(bytes);
      }),
      { numRuns: 60 },
    );
  });
});
