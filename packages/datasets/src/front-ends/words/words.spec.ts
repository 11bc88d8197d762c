import { expect, it } from 'vitest';
import { coded } from '../../data-root.fixture.js';
import { countWords, wordNumbers } from './words.js';

it('counts words, the most frequent first, and leaves rare ones out', () => {
  expect(countWords(['b a  b', 'c a b', 'constructor'])).toEqual(['[PAD]', '[UNK]', 'b', 'a']);
  expect(countWords(['z y'], 1)).toEqual(['[PAD]', '[UNK]', 'y', 'z']);
});

it('numbers words, pads, cuts at the end and keeps a pair', async () => {
  const { encode } = wordNumbers({ vocabulary: ['[PAD]', '[UNK]', 'b', 'a'], maxLength: 4 });
  expect([...encode('a b')]).toEqual([3, 2, 0, 0]);
  expect([...encode('a nothing __proto__ b a')]).toEqual([3, 1, 1, 2]);
  expect([...encode('a a a a a', 'b b')]).toEqual([3, 3, 2, 2]);
  expect([...encode('')]).toEqual([0, 0, 0, 0]);
  expect((await coded(() => wordNumbers({ vocabulary: [], maxLength: 0 }))).code).toBe('EQM_CONFIG_INVALID');
});
