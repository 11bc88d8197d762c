import { mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { SplitOutputs } from '../evaluation/evaluate.js';
import { predictionsOf, readPredictions, writePredictions } from './predictions.js';

const dir = mkdtempSync(join(tmpdir(), 'equimodal-predictions-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const outputs = (size: number): SplitOutputs => ({
  size,
  labels: Int32Array.from({ length: size }, (_, i) => i % 3),
  probabilities: Float32Array.from({ length: 3 * size }, (_, i) => [0.25, 0.5, 0.25][(i + Math.floor(i / 3)) % 3]!),
  unimodal: { audio: Float32Array.from({ length: 3 * size }, () => 1 / 3) },
  features: { audio: Float32Array.from({ length: 2 * size }, (_, i) => (i % 2 === 0 ? 3 : 4)) },
  measures: {},
});

describe('predictions', () => {
  it('are the likeliest class, its probability, and unit features of some rows', () => {
    const { predicted, confidence, unimodal, features, classes } = predictionsOf(outputs(4));
    expect(classes).toBe(3);
    expect([...predicted]).toEqual([1, 0, 2, 1]);
    expect([...confidence]).toEqual([0.5, 0.5, 0.5, 0.5]);
    expect([...unimodal['audio']!]).toEqual([0, 0, 0, 0]);
    expect([...features!.rows]).toEqual([0, 1, 2, 3]);
    expect([...features!.vectors['audio']!.slice(0, 2)].map((value) => Number(value.toFixed(6)))).toEqual([0.6, 0.8]);
  });

  it('keep 128 rows of features, spread over the split', () => {
    const { rows } = predictionsOf(outputs(1000)).features!;
    expect(rows.length).toBe(128);
    expect(new Set(rows).size).toBe(128);
    expect(rows.at(-1)).toBe(992);
  });

  it('are read back as they were written, and small', () => {
    const file = join(dir, 'whole.safetensors');
    const written = predictionsOf(outputs(500));
    writePredictions(file, written);
    expect(readPredictions(file)).toEqual(written);
    expect(statSync(file).size).toBeLessThan(16 * 500 + 4096);
  });

  it('may be absent, but not damaged', () => {
    expect(readPredictions(join(dir, 'none.safetensors'))).toBeNull();
    const file = join(dir, 'damaged.safetensors');
    writePredictions(file, predictionsOf(outputs(50)));
    truncateSync(file, statSync(file).size - 9);
    expect(() => readPredictions(file)).toThrowError(expect.objectContaining({ code: 'EQM_RUN_MISSING' }));
  });
});
