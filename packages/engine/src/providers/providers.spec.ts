import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { isPlugin } from '@equimodal/core';
import { expect, it, vi } from 'vitest';
import { onEachEngine } from '../test-engine/checks.fixture.js';
import { startTestEngine } from '../test-engine/test-engine.js';
import { diagnose, formatDoctor } from '../doctor/doctor.js';
import { engines } from '../plugin/plugin.js';
import { prepareProcess, requestedThreads, restoreUtilFunctions } from '../process/environment.js';

const require = createRequire(import.meta.url);

it('shares one tfjs-core between modules that import it and those that require it', () => {
  const required = require('@tensorflow/tfjs-core') as typeof tf;
  expect(required.Tensor).toBe(tf.Tensor);
  expect(required.engine()).toBe(tf.engine());
});

it('provides the three engines as a plugin', () => {
  expect(isPlugin(engines)).toBe(true);
  expect(engines.provides.map(({ kind, id }) => `${kind}:${id}`)).toEqual(['engine:native', 'engine:wasm', 'engine:cpu']);
});

it('asks for threads by option, then by EQUIMODAL_THREADS', () => {
  vi.stubEnv('EQUIMODAL_THREADS', '3');
  expect(requestedThreads(undefined)).toBe(3);
  expect(requestedThreads(2)).toBe(2);
  vi.stubEnv('EQUIMODAL_THREADS', 'many');
  expect(requestedThreads(undefined)).toBeUndefined();
  vi.stubEnv('TF_NUM_INTRAOP_THREADS', '');
  prepareProcess({ debug: true, threads: 2 });
  expect(process.env['TF_NUM_INTRAOP_THREADS']).toBe('2');
  expect(process.env['OMP_NUM_THREADS']).toBe('2');
  vi.unstubAllEnvs();
});

it('has the functions that newer versions of Node removed', () => {
  const util = require('node:util') as Record<string, unknown>;
  const original = util['isNullOrUndefined'];
  delete util['isNullOrUndefined'];
  restoreUtilFunctions();
  const restored = util['isNullOrUndefined'] as (value: unknown) => boolean;
  expect([restored(null), restored(undefined), restored(0)]).toEqual([true, true, false]);
  if (original !== undefined) util['isNullOrUndefined'] = original;
});

onEachEngine((id) => {
  it('starts, computes, and says what it is', async () => {
    const engine = await startTestEngine(id);
    expect(engine.id).toBe(id);
    expect(tf.getBackend()).toBe(engine.backend);
    expect(engine.threads).toBeGreaterThan(0);
    expect(engine.versions['tfjs']).toBe('4.22.0');
    expect(engine.native === null).toBe(id !== 'native');
    if (engine.native !== null) expect(engine.native.tensorflow).toMatch(/^\d+\.\d+/);
    expect([...tf.tidy(() => tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])).dataSync())]).toEqual([11]);
  });

  it('leaves no handlers on the process', async () => {
    const count = process.listenerCount('unhandledRejection') + process.listenerCount('uncaughtException');
    await startTestEngine('cpu');
    await startTestEngine(id);
    expect(process.listenerCount('unhandledRejection') + process.listenerCount('uncaughtException')).toBe(count);
  });

  it('is diagnosed as JSON and as text', async () => {
    const diagnosis = await diagnose({ requested: id });
    expect(JSON.parse(JSON.stringify(diagnosis))).toEqual(diagnosis);
    expect(diagnosis.engine.id).toBe(id);
    expect(diagnosis.candidates.map((candidate) => candidate.id)).toEqual(['native', 'wasm', 'cpu']);
    const text = formatDoctor(diagnosis);
    expect(text).toMatch(new RegExp(`engine +${id} `));
    for (const { reason } of diagnosis.candidates) expect(text).toContain(reason);
  });
});
