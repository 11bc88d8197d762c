import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { make, pass, start } from '../input/parity.fixture.js';
import { describePublished, type Published } from '../names/published.fixture.js';
import { clipText } from './clip-text.js';
import fixture from './clip-text.fixture.json' with { type: 'json' };
import { names } from './names.js';

const SMALL = { vocabulary: 50, width: 8, depth: 1, heads: 2, feedForward: 12, positions: 9, projection: 6 };
const ids = (rows: number[][]) => tf.tensor2d(rows, undefined, 'int32');

describe('clip-text', () => {
  describePublished(clipText, fixture as unknown as Published, 'tokens', [6]);

  it('does not see what stands behind the end', () => {
    const encoder = make(clipText, SMALL, 'tokens', [5]);
    const variables = start(encoder);
    const features = (row: number[]) => [...pass(encoder, variables, ids([row])).features.dataSync()];
    const expected = features([48, 3, 49, 0, 0]);
    for (const row of [
      [48, 3, 49, 49, 49],
      [48, 3, 49, 7, 1],
    ])
      features(row).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
    expect(features([48, 4, 49, 0, 0])).not.toEqual(expected);
  });

  it('is the text tower of ViT-B/32 unless told otherwise', () => {
    const options = clipText.options.parse({});
    expect(options).toMatchObject({
      depth: 12,
      width: 512,
      heads: 8,
      feedForward: 2048,
      vocabulary: 49408,
      positions: 77,
      projection: 512,
    });
    expect(names(options)).toHaveLength(2 + 12 * 16 + 3);
    expect(make(clipText, SMALL, 'tokens', [4]).layers).toEqual([['embeddings'], ['layers/0'], ['norm', 'projection']]);
  });

  it('refuses other kinds, longer texts, malformed inputs and options', () => {
    const incompatible = expect.objectContaining({ code: 'EQM_CONFIG_INCOMPATIBLE', where: 'modality "m"' });
    expect(() => make(clipText, SMALL, 'sequence', [3, 3])).toThrow(incompatible);
    expect(() => make(clipText, SMALL, 'tokens', [10])).toThrow(incompatible);
    expect(clipText.options.safeParse({ width: 10, heads: 3 }).success).toBe(false);
    const encoder = make(clipText, SMALL, 'tokens', [4]);
    expect(() => pass(encoder, start(encoder), ids([[1, 2]]))).toThrow(expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' }));
  });
});
