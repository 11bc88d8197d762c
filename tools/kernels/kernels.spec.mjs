import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { sourcesHash } from './sources.mjs';

it('the WebAssembly of the front-ends was compiled from the sources that are there', () => {
  const compiled = readFileSync(new URL('../../packages/datasets/src/kernels/kernels.wasm.ts', import.meta.url), 'utf8');
  expect(compiled.match(/SOURCES = '(\w+)'/)?.[1], 'run node tools/kernels/kernels.mjs').toBe(sourcesHash());
});
