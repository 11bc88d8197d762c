import type { ModalitySpec } from '@equimodal/core';
import { describe, expect, it } from 'vitest';
import { renderPng } from '../plots/render.js';
import { explanationSheet } from './explanation-sheet.js';
import { overlay, resizePlane } from './overlay.js';

const spec = (kind: ModalitySpec['kind'], ...shape: number[]): ModalitySpec => ({ name: kind, kind, shape });

describe('resizePlane', () => {
  it('gives the values of torch.nn.functional.interpolate, bilinear, align_corners=False', () => {
    const wide = resizePlane({ values: [0, 1, 2, 3], height: 2, width: 2 }, 4, 4);
    expect([...wide]).toEqual([0, 0.25, 0.75, 1, 0.5, 0.75, 1.25, 1.5, 1.5, 1.75, 2.25, 2.5, 2, 2.25, 2.75, 3]);
  });

  it('keeps a map of the same size', () => {
    expect([...resizePlane({ values: [0, 0.5, 1, 0.25, 0, 1], height: 2, width: 3 }, 2, 3)]).toEqual([0, 0.5, 1, 0.25, 0, 1]);
  });
});

describe('overlay', () => {
  it('is the input in grey where the map says nothing, and coloured where it speaks', () => {
    const input = Float32Array.of(0, 1, 1, 0);
    const bare = overlay(spec('image', 2, 2, 1), input, null);
    expect([...bare.data]).toEqual([0, 0, 0, 255, 255, 255, 255, 255, 255, 0, 0, 0]);
    const { data } = overlay(spec('image', 2, 2, 1), input, { values: [1, 0, 0, 0], height: 2, width: 2 });
    expect([...data.subarray(3)]).toEqual([...bare.data.subarray(3)]);
    // .65 of viridis at its end, [253, 231, 37].
    expect([...data.subarray(0, 3)]).toEqual([164, 150, 24]);
  });

  it('puts low frequencies of a spectrogram at the bottom, the map with them', () => {
    const { data } = overlay(spec('spectrogram', 2, 1, 1), Float32Array.of(0, 1), { values: [1, 0], height: 2, width: 1 });
    expect([...data]).toEqual([255, 255, 255, 164, 150, 24]);
  });

  it('shows the middle frame of a video', () => {
    const frames = Float32Array.of(0, 0, 1, 0.5, 0, 0);
    const { data, width, height } = overlay(spec('video', 3, 1, 2, 1), frames, null);
    expect([width, height]).toEqual([2, 1]);
    expect([...data]).toEqual([255, 255, 255, 0, 0, 0]);
  });
});

describe('explanationSheet', () => {
  const cell = (predicted: string) => ({
    map: { values: [0, 1, 0, 0], height: 2, width: 2 },
    predicted,
    explained: 'a<b',
    probability: 0.256,
  });
  const row = { run: 'concat, seed 0', sample: 'row 3', label: 'a<b', input: Float32Array.of(0, 1, 2, 3), cells: [cell('a<b'), cell('c')] };
  const sheet = explanationSheet({ title: 'T & U', modality: spec('image', 2, 2, 1), columns: ['1 epoch', 'selected'], rows: [row, row] });

  it('has the input and every column of every row, and says what is said of them', () => {
    expect(sheet.match(/<image /g)).toHaveLength(6);
    for (const text of ['T &amp; U', '1 epoch', 'selected', 'says a&lt;b', 'says c', 'a&lt;b: 26 %', 'label: a&lt;b'])
      expect(sheet).toContain(text);
  });

  it('can be drawn', async () => {
    const png = await renderPng(sheet);
    expect([...png.subarray(1, 4)]).toEqual([...Buffer.from('PNG')]);
  });
});
