import { expect, it } from 'vitest';
import { earlierFailure, stateOf } from './state.js';

const failed = (code: string) => ({ config: 1, status: 'failed', error: { code, message: 'so', where: 'here' } });

it.each([
  ['none', undefined],
  ['none', { status: 'failed', error: { code: 'EQM_RUN_KILLED' } }],
  ['finished', { config: 1, status: 'completed' }],
  ['finished', { config: 1, status: 'stopped' }],
  ['unfinished', { config: 1, status: 'running' }],
  ['unfinished', { config: 1, status: 'interrupted' }],
  ['unfinished', failed('EQM_RUN_KILLED')],
  ['unfinished', failed('EQM_OUT_OF_MEMORY')],
  ['unfinished', failed('EQM_DISK_FULL')],
  ['unfinished', failed('EQM_CHECKPOINT_CORRUPT')],
  ['failed', failed('EQM_TRAIN_DIVERGED')],
  ['failed', failed('EQM_PLUGIN_FAULT')],
  ['failed', failed('EQM_INTERNAL')],
])('%s: %o', (state, manifest) => {
  expect(stateOf(manifest)).toBe(state);
});

it('says an earlier failure again, with its code', () => {
  expect(earlierFailure(failed('EQM_TRAIN_DIVERGED'))).toMatchObject({
    code: 'EQM_TRAIN_DIVERGED',
    message: expect.stringMatching(/^so .*--retry-failed/),
    where: 'here',
  });
});
