import { describe, expect, it } from 'vitest';
import { unimodal, unimodalMethod } from './unimodal.js';

describe('unimodal', () => {
  it('keeps the one modality', () => {
    expect(unimodal('image').selectModalities!(['audio', 'image', 'text'])).toEqual(['image']);
  });

  it('refuses a modality the dataset does not have, with the nearest name', () => {
    const select = () => unimodal('adio').selectModalities!(['audio', 'image']);
    expect(select).toThrow(expect.objectContaining({ code: 'EQM_CONFIG_INCOMPATIBLE' }));
    expect(select).toThrow('audio');
  });

  it('does nothing else', () => {
    expect(Object.keys(unimodal('image'))).toEqual(['selectModalities']);
  });

  it('must be told the modality', () => {
    expect(unimodalMethod.options.safeParse({}).success).toBe(false);
    expect(unimodalMethod.options.parse({ modality: 'image' })).toEqual({ modality: 'image' });
  });
});
