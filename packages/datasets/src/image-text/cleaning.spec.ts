import { expect, it } from 'vitest';
import { cleanText, withTarget } from './cleaning.js';

// The first two expected values of `letters` and that of `caption` were computed with the regular expressions of the code that circulates, in Python.
it.each([
  ['letters', 'RT @ ltsChuckBass : $T$ is everything # MCM', 'rt ltschuckbass t is everything mcm'],
  ['letters', "$T$ , shellacked , and it's 2nd http://t.co/a1-b don't_go", 't shellacked and it s http t co b don'],
  ['caption', "$T$ , shellacked , and it's 2nd http://t.co/a1-b don't_go", '$t$ shellacked and its 2nd http tco a1 b dont_go'],
  ['letters', 'ñandu café abc', 'abc'],
  ['letters', '12 _a', ''],
  ['caption', '<person> "Well" said;  (twice)', 'person well said twice'],
  ['caption', Array.from({ length: 60 }, (_, i) => `w${i}`).join(' '), Array.from({ length: 50 }, (_, i) => `w${i}`).join(' ')],
  ['lowercase', 'RT $T$ É', 'rt $t$ é'],
  ['none', 'RT  $T$', 'RT  $T$'],
] as const)('%s of %s', (cleaning, text, cleaned) => {
  expect(cleanText(text, cleaning)).toBe(cleaned);
});

it('puts the target beside the text, in the place of its mark, or nowhere', () => {
  expect(withTarget('love $T$ !', '$& Madrid', 'pair')).toEqual({ text: 'love $T$ !', pair: '$& Madrid' });
  expect(withTarget('love $T$ !', '$& Madrid', 'replace')).toEqual({ text: 'love $& Madrid !' });
  expect(withTarget('love $T$ !', '$& Madrid', 'as-is')).toEqual({ text: 'love $T$ !' });
  expect(withTarget('love', undefined, 'pair')).toEqual({ text: 'love' });
});
