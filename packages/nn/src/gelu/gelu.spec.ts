import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Layer } from '../layer/layer.js';
import { expectClose, runLayer, tensorOf } from '../layer/parity.fixture.js';
import { gelu, geluTanh, quickGelu } from './gelu.js';
import fixture from './gelu.fixture.json' with { type: 'json' };

const LAYERS: Readonly<Record<string, Layer>> = { gelu, geluTanh, quickGelu };

describe('gelu', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it.each(Object.entries(fixture.forms))('%s agrees with PyTorch, forward and backward', (name, expected) => {
    const { output, gradients } = runLayer(LAYERS[name]!, {
      params: {},
      input: tensorOf(fixture.input),
      weights: tensorOf(fixture.weights),
    });
    expectClose(output, expected.output, 2e-6);
    expectClose(gradients['input']!, expected.gradient, 2e-6);
  });

  it('has every form in the fixture', () => {
    expect(Object.keys(fixture.forms).sort()).toEqual(Object.keys(LAYERS).sort());
  });
});
