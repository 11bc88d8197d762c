import type { Split } from '@equimodal/core';
import { describe, expect, it } from 'vitest';
import { conditioned, conditionKey, type ConditionedModality } from './conditions.js';

const SIZE = 40;
const WIDTH = 50;
const sound = Float32Array.from({ length: SIZE * WIDTH }, (_, i) => (i % WIDTH) * (1 + Math.floor(i / WIDTH)));
const words = Int32Array.from({ length: SIZE * WIDTH }, (_, i) => 1 + (i % 9));
const split: Split = {
  size: SIZE,
  labels: new Int32Array(SIZE),
  read: (rows) => ({
    sound: Float32Array.from([...rows].flatMap((row) => [...sound.subarray(row * WIDTH, (row + 1) * WIDTH)])),
    words: Int32Array.from([...rows].flatMap((row) => [...words.subarray(row * WIDTH, (row + 1) * WIDTH)])),
  }),
};
const modalities: readonly ConditionedModality[] = [
  { name: 'sound', kind: 'vector', shape: [WIDTH], absent: null },
  { name: 'words', kind: 'tokens', shape: [WIDTH], absent: null },
];
const all = Int32Array.from({ length: SIZE }, (_, i) => i);

describe('a split under a condition', () => {
  it('shows zeros, or what stands for them, in the place of a missing modality', async () => {
    const { sound: heard, words: read } = await conditioned(split, modalities, { present: ['words'] }).read(all);
    expect(heard!.every((value) => value === 0)).toBe(true);
    expect(read).toEqual(words);
    const row = Float32Array.from({ length: WIDTH }, (_, i) => i);
    const standing = [{ ...modalities[0]!, absent: row }, modalities[1]!];
    const { sound: frozen } = await conditioned(split, standing, { present: [] }).read(Int32Array.of(3, 4));
    expect([...frozen!]).toEqual([...row, ...row]);
  });

  it('adds noise of the size of the sample itself, the same however rows are read', async () => {
    const noisy = conditioned(split, modalities, { noise: { sound: 0.5 } });
    const { sound: whole, words: read } = await noisy.read(all);
    expect(read).toEqual(words);
    const parts = [await noisy.read(Int32Array.of(7)), await noisy.read(Int32Array.of(2, 7))];
    expect(parts[0]!['sound']).toEqual(whole!.subarray(7 * WIDTH, 8 * WIDTH));
    expect(parts[1]!['sound']!.subarray(WIDTH)).toEqual(parts[0]!['sound']);
    const ratios = Array.from({ length: SIZE }, (_, row) => {
      const difference = Array.from({ length: WIDTH }, (__, k) => whole![row * WIDTH + k]! - sound[row * WIDTH + k]!);
      const own = Math.sqrt((WIDTH ** 2 - 1) / 12) * (1 + row);
      return Math.sqrt(difference.reduce((sum, d) => sum + d * d, 0) / WIDTH) / own;
    });
    // 2000 draws: the standard error of their deviation is .5 / sqrt(4000).
    expect(Math.abs(Math.sqrt(ratios.reduce((sum, r) => sum + r * r, 0) / SIZE) - 0.5)).toBeLessThan(0.04);
    // What the split holds is left as it is.
    expect((await split.read(all))['sound']).toEqual(sound);
  });

  it('drops tokens with the probability of the level, all of them from 1 on', async () => {
    const { words: some } = await conditioned(split, modalities, { noise: { words: 0.25 } }).read(all);
    const dropped = (some as Int32Array).filter((id) => id === 0).length / some!.length;
    expect(Math.abs(dropped - 0.25)).toBeLessThan(0.04);
    const { words: none } = await conditioned(split, modalities, { noise: { words: 2 } }).read(all);
    expect(none!.every((id) => id === 0)).toBe(true);
  });

  it('knows conditions that come to the same', () => {
    const names = ['sound', 'words'];
    expect(conditionKey({ present: ['words', 'sound'] }, names)).toBe(conditionKey({}, names));
    expect(conditionKey({ noise: { sound: 0 } }, names)).toBe(conditionKey({}, names));
    expect(conditionKey({ present: ['words'], noise: { sound: 1 } }, names)).toBe(conditionKey({ present: ['words'] }, names));
    expect(conditionKey({ noise: { sound: 1 } }, names)).not.toBe(conditionKey({}, names));
  });
});
