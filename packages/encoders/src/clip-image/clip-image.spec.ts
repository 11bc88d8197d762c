import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { make, pass, start } from '../input/parity.fixture.js';
import { describePublished, type Published } from '../names/published.fixture.js';
import { clipImage } from './clip-image.js';
import fixture from './clip-image.fixture.json' with { type: 'json' };
import { names } from './names.js';

const SMALL = { patch: 4, width: 8, depth: 1, heads: 2, feedForward: 12, projection: 6 };

describe('clip-image', () => {
  describePublished(clipImage, fixture as unknown as Published, 'image', [8, 8, 3]);

  it('is the image tower of ViT-B/32 unless told otherwise', () => {
    const options = clipImage.options.parse({});
    expect(options).toMatchObject({ patch: 32, depth: 12, width: 768, heads: 12, feedForward: 3072, projection: 512, normalise: false });
    expect(names(options)).toHaveLength(3 + 2 + 12 * 16 + 3);
    const encoder = make(clipImage, SMALL, 'image', [8, 12, 1]);
    expect(encoder.featureSize).toBe(6);
    expect(start(encoder).params['embeddings/position/table']!.shape).toEqual([7, 8]);
    expect(encoder.layers).toEqual([['embeddings', 'norm1'], ['layers/0'], ['norm2', 'projection']]);
  });

  it('refuses other kinds, images that do not divide into patches, malformed inputs and options', () => {
    const incompatible = expect.objectContaining({ code: 'EQM_CONFIG_INCOMPATIBLE', where: 'modality "m"' });
    expect(() => make(clipImage, SMALL, 'tokens', [3])).toThrow(incompatible);
    expect(() => make(clipImage, SMALL, 'image', [8, 10, 3])).toThrow(incompatible);
    expect(clipImage.options.safeParse({ width: 10, heads: 3 }).success).toBe(false);
    const encoder = make(clipImage, SMALL, 'image', [8, 8, 3]);
    expect(() => pass(encoder, start(encoder), tf.ones([2, 4, 4, 3]))).toThrow(expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' }));
  });
});
