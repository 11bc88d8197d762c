import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeWeights } from '@equimodal/weights';
import { expect, it } from 'vitest';
import { coded, temporaryFolder } from '../data-root.fixture.js';
import { readSafetensors } from './safetensors.js';

const path = join(temporaryFolder(), 'a.safetensors');
const one = { shape: [2, 1], values: Float32Array.of(1, 2) };

it('reads a tensor by name, and the only one without', () => {
  writeWeights(path, { text: one });
  expect(readSafetensors(path)).toEqual({ shape: [2, 1], data: one.values });
  writeWeights(path, { text: one, y: { shape: [2], values: Int32Array.of(0, 1) } });
  expect(readSafetensors(path, 'y')).toEqual({ shape: [2], data: Int32Array.of(0, 1) });
});

it('names file and tensors in its errors', async () => {
  writeWeights(path, { text: one, label: one });
  expect((await coded(() => readSafetensors(path))).message).toContain('text, label');
  expect((await coded(() => readSafetensors(path, 'labels'))).message).toContain('did you mean "label"');
  writeFileSync(path, 'nothing of the kind');
  expect(await coded(() => readSafetensors(path))).toMatchObject({ code: 'EQM_DATA_MALFORMED', where: path });
  expect((await coded(() => readSafetensors(`${path}.gone`))).code).toBe('EQM_DATA_MISSING');
});
