import { describe, expect, it } from 'vitest';
import { fit, formatBar, formatFigure, formatLosses, formatRate, formatSeconds } from './format.js';

describe('formatSeconds', () => {
  it.each([
    [0.2, '0s'],
    [59.4, '59s'],
    [59.6, '1m 00s'],
    [185, '3m 05s'],
    [7620, '2h 07m'],
    [97_200, '1d 03h'],
    [Number.POSITIVE_INFINITY, '?'],
    [Number.NaN, '?'],
  ])('%d s', (seconds, expected) => expect(formatSeconds(seconds)).toBe(expected));
});

describe('formatFigure', () => {
  it.each([
    [0, '0.000'],
    [1.23456, '1.235'],
    [-12.3456, '-12.35'],
    [123.456, '123.5'],
    [1234.56, '1235'],
    [0.000123, '1.23e-4'],
    [1.5e7, '1.50e+7'],
    [Number.NaN, 'NaN'],
  ])('%d', (value, expected) => expect(formatFigure(value)).toBe(expected));
});

describe('formatBar', () => {
  it.each([
    [0, '░░░░'],
    [0.5, '██░░'],
    [1, '████'],
    [0.28125, '█▏░░'],
    [2, '████'],
    [-1, '░░░░'],
  ])('%d', (fraction, expected) => expect(formatBar(fraction, 4)).toBe(expected));
});

describe('formatLosses and formatRate', () => {
  it('name the terms', () => {
    expect(formatLosses(1.25, { classification: 1.5, alignment: 1 })).toBe('loss 1.250 (classification 1.500, alignment 1.000)');
    expect(formatLosses(1.25, {})).toBe('loss 1.250');
  });

  it('keep a digit of slow rates', () => {
    expect(formatRate(512.4)).toBe('512 samples/s');
    expect(formatRate(2.34)).toBe('2.3 samples/s');
    expect(formatRate(Number.POSITIVE_INFINITY)).toBe('? samples/s');
  });
});

describe('fit', () => {
  const segments = [{ text: 'abcd', style: 'bold' as const }, { text: 'efgh' }, { text: 'ij' }];
  const text = (width: number): string =>
    fit(segments, width)
      .map((segment) => segment.text)
      .join('');

  it.each([
    [20, 'abcdefghij'],
    [10, 'abcdefghij'],
    [9, 'abcdefgh…'],
    [8, 'abcdefg…'],
    [5, 'abcd…'],
    [4, 'abc…'],
    [1, '…'],
  ])('in %d columns', (width, expected) => expect(text(width)).toBe(expected));

  it('keeps the colours', () => {
    expect(fit(segments, 3)).toEqual([{ text: 'ab…', style: 'bold' }]);
  });
});
