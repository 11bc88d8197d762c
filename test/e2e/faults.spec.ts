import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it.runIf(process.platform === 'linux')('kill -9 of a worker, the runner and both: nothing is lost and nothing done twice', () => {
  const program = fileURLToPath(new URL('../../tools/faults/faults.mjs', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, '--rounds', '3', '--seed', '1', '--kills', '1'], {
    encoding: 'utf8',
  });
  expect(stdout + stderr).toContain('3 rounds');
  expect(stdout).toContain(' 0 rounds with a difference');
  expect(status).toBe(0);
});
