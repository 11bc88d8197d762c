import { startTestEngine } from '@equimodal/engine';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { numberOf } from './gradient.fixture.js';
import { meanOverPairs } from './pairs.js';

describe('meanOverPairs', () => {
  beforeAll(async () => {
    await startTestEngine();
  });
  const values = () => ({ a: tf.scalar(1), b: tf.scalar(10), c: tf.scalar(100), d: tf.scalar(1000) });

  it('visits every unordered pair once', () => {
    const seen: string[] = [];
    const value = meanOverPairs(
      ['a', 'b', 'c', 'd'],
      values(),
      (x, y) => {
        seen.push(`${numberOf(x)}-${numberOf(y)}`);
        return tf.add(x, y);
      },
      'test',
    );
    expect(seen).toEqual(['1-10', '1-100', '1-1000', '10-100', '10-1000', '100-1000']);
    expect(numberOf(value)).toBeCloseTo((3 * 1111) / 6, 3);
  });

  it('is the one value for two modalities, whatever else has a tensor', () => {
    expect(numberOf(meanOverPairs(['b', 'a'], values(), (x, y) => tf.sub(x, y), 'test'))).toBe(9);
  });

  it('refuses one modality, and a modality without a tensor', () => {
    const fault = expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' });
    expect(() => meanOverPairs(['a'], values(), tf.add, 'test')).toThrow(fault);
    expect(() => meanOverPairs(['a', 'z'], values(), tf.add, 'test')).toThrow('"z"');
  });
});
