import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { absoluteSum, expectClose, expectKeyedDropout, make, pass, start } from '../input/parity.fixture.js';
import { describePublished, type Published } from '../names/published.fixture.js';
import { bert } from './bert.js';
import fixture from './bert.fixture.json' with { type: 'json' };
import { names } from './names.js';

const SMALL = { vocabulary: 110, width: 8, depth: 2, heads: 2, feedForward: 12, positions: 16, dropout: 0 };
const ids = (rows: number[][]) => tf.tensor2d(rows, undefined, 'int32');

describe('bert', () => {
  describePublished(bert, fixture as unknown as Published, 'tokens', [6]);

  it.each(['pooled', 'cls', 'mean'])('does not see padding: %s', (output) => {
    const options = { ...SMALL, output, segments: 'after-separator' };
    const short = make(bert, options, 'tokens', [3]);
    const long = make(bert, options, 'tokens', [8]);
    const variables = start(short);
    const { features } = pass(short, variables, ids([[101, 5, 102]]));
    const expected = { shape: features.shape, data: [...features.dataSync()] };
    const result = pass(long, variables, ids([[101, 5, 102, 0, 0, 0, 0, 0]]));
    expectClose(result.features, expected, 1e-5, 'features');
    expect(absoluteSum(tf.slice(result.gradients['embeddings/word/table']!, [0, 0], [1, 8]))).toBe(0);
    expect([...pass(long, variables, tf.zeros([2, 8], 'int32')).features.dataSync()].every(Number.isFinite)).toBe(true);
  });

  it('is BERT-base unless told otherwise', () => {
    const options = bert.options.parse({});
    expect(options).toMatchObject({ depth: 12, width: 768, heads: 12, feedForward: 3072, vocabulary: 30522, positions: 512, dropout: 0.1 });
    expect(names(options)).toHaveLength(5 + 12 * 16 + 2);
    expect(make(bert, { ...SMALL, output: 'cls' }, 'tokens', [4]).names!.some(({ path }) => path.startsWith('pooler'))).toBe(false);
    expect(make(bert, SMALL, 'tokens', [4]).layers).toEqual([['embeddings'], ['layers/0'], ['layers/1'], ['pooler']]);
  });

  it('drops in training only, by the key of the pass', () => {
    expectKeyedDropout(make(bert, { ...SMALL, dropout: 0.3 }, 'tokens', [4]), ids([[101, 3, 4, 102]]));
  });

  it('refuses other kinds, longer texts, malformed inputs and options', () => {
    const incompatible = expect.objectContaining({ code: 'EQM_CONFIG_INCOMPATIBLE', where: 'modality "m"' });
    expect(() => make(bert, SMALL, 'sequence', [3, 3])).toThrow(incompatible);
    expect(() => make(bert, SMALL, 'tokens', [17])).toThrow(incompatible);
    expect(bert.options.safeParse({ width: 10, heads: 3 }).success).toBe(false);
    const encoder = make(bert, SMALL, 'tokens', [4]);
    expect(() => pass(encoder, start(encoder), ids([[1, 2]]))).toThrow(expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' }));
  });
});
