import { expect, it } from 'vitest';
import { differences, redone, stepsOf } from './outcome.mjs';

const line = (step, total, index = step) => `{"type":"step.completed","index":${index},"step":${step},"total":${total}}`;
const run = (changes = {}) => ({
  status: 'completed',
  manifest: 'm',
  metrics: '{}',
  signals: [line(0, 1), line(1, 2)].join('\n'),
  ...changes,
});

it('compares steps whatever their place among other signals', () => {
  expect(stepsOf(`{"type":"epoch.started"}\n${line(0, 1, 7)}\n`)).toEqual(['{"type":"step.completed","step":0,"total":1}']);
});

it('finds what is lost, unfinished, different, done twice or too much', () => {
  const whole = { a: run() };
  expect(differences(whole, { a: run({ manifest: 'other times' }) })).toEqual([]);
  expect(differences(whole, {})).toEqual(['a is lost']);
  expect(differences(whole, { a: run({ status: 'running' }) })).toEqual(['a is running']);
  expect(differences(whole, { a: run({ metrics: '{"x":1}' }) })).toEqual(['a: metrics.json differs']);
  expect(differences(whole, { a: run({ signals: [line(0, 1), line(1, 2), line(1, 2)].join('\n') }) })[0]).toContain('3 steps');
  expect(differences(whole, { a: run({ signals: [line(0, 1), line(1, 2.5)].join('\n') }) })[0]).toContain('differs is 1');
  expect(differences(whole, { a: run(), 'a.old-1': run() })).toEqual(['a.old-1 is there and should not be']);
});

it('finds runs that were trained again after they had finished', () => {
  expect(redone({ a: run(), b: run({ status: 'running' }) }, { a: run(), b: run({ manifest: 'n' }) })).toEqual([]);
  expect(redone({ a: run() }, { a: run({ manifest: 'n' }) })).toEqual(['a had finished and was touched again']);
});
