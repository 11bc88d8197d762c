import type { Engine } from '@equimodal/core';
import { afterEach, expect, it, vi } from 'vitest';
import { selectEngine, type EngineEntry } from './select.js';

const engineOf = (id: string): Engine => ({ id }) as Engine;
const entry = (id: string, usable: boolean, start?: () => Promise<Engine>): EngineEntry => ({
  id,
  provider: {
    probe: () => Promise.resolve({ usable, reason: usable ? `${id} is fine` : `${id} is missing` }),
    start: start ?? (() => Promise.resolve(engineOf(id))),
  },
});

afterEach(() => {
  vi.unstubAllEnvs();
});

it('takes the first usable engine and says why', async () => {
  vi.stubEnv('EQUIMODAL_ENGINE', '');
  const { engine, candidates, reason } = await selectEngine({
    providers: [entry('a', false), entry('b', true), entry('c', true)],
  });
  expect(engine.id).toBe('b');
  expect(candidates.map(({ usable }) => usable)).toEqual([false, true, true]);
  expect(reason).toContain('a is missing');
});

it('passes over an engine that does not start, and one whose probe throws', async () => {
  vi.stubEnv('EQUIMODAL_ENGINE', '');
  const broken = entry('broken', true, () => Promise.reject(new Error('no such symbol')));
  const throwing: EngineEntry = {
    id: 'throwing',
    provider: { probe: () => Promise.reject(new Error('oops')), start: broken.provider.start },
  };
  const { engine, candidates, reason } = await selectEngine({
    providers: [throwing, broken, entry('c', true)],
  });
  expect(engine.id).toBe('c');
  expect(candidates[1]).toEqual({ id: 'broken', usable: false, reason: 'did not start: no such symbol' });
  expect(candidates[0]).toEqual({ id: 'throwing', usable: false, reason: 'probe failed: oops' });
  expect(reason).toContain('no such symbol');
});

it('uses the requested engine or none', async () => {
  const providers = [entry('a', true), entry('b', true), entry('c', false)];
  expect((await selectEngine({ requested: 'b', providers })).engine.id).toBe('b');
  await expect(selectEngine({ requested: 'c', providers })).rejects.toMatchObject({
    code: 'EQM_ENGINE_UNAVAILABLE',
    message: /c is missing/,
  });
  await expect(selectEngine({ requested: 'bb', providers })).rejects.toMatchObject({
    code: 'EQM_ENGINE_UNAVAILABLE',
  });
  const failing = [entry('a', true, () => Promise.reject(new Error('boom'))), entry('b', true)];
  await expect(selectEngine({ requested: 'a', providers: failing })).rejects.toMatchObject({
    code: 'EQM_ENGINE_UNAVAILABLE',
    message: /boom/,
  });
});

it('reads the request from EQUIMODAL_ENGINE, after the option', async () => {
  const providers = [entry('a', true), entry('b', true)];
  vi.stubEnv('EQUIMODAL_ENGINE', 'b');
  expect((await selectEngine({ providers })).engine.id).toBe('b');
  expect((await selectEngine({ providers, requested: 'a' })).engine.id).toBe('a');
});

it('says of each engine why it cannot be used when none can', async () => {
  vi.stubEnv('EQUIMODAL_ENGINE', '');
  await expect(selectEngine({ providers: [entry('a', false), entry('b', false)] })).rejects.toMatchObject({
    code: 'EQM_ENGINE_UNAVAILABLE',
    message: /a: a is missing; b: b is missing/,
  });
});
