import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseOptions, publishes, UsageError } from './options.mjs';

const publishing = (args, found = {}) => publishes(parseOptions(args), { peerFound: true, quiet: true, ...found });

describe('parseOptions', () => {
  it('runs every workload with one and two threads unless told otherwise', () => {
    expect(parseOptions([])).toMatchObject({
      workloads: ['W1', 'W2', 'W3', 'W4', 'W5', 'W6', 'W7'],
      threads: [1, 2],
      steps: null,
      engine: null,
      capture: true,
      soak: null,
      ordinary: true,
    });
  });

  it('reads what is chosen', () => {
    const args = ['--workloads', 'W3,W1,W3', '--threads', '4', '--steps', '7', '--engine', 'wasm', '--no-capture', '--soak', '5000'];
    expect(parseOptions(args)).toMatchObject({
      workloads: ['W3', 'W1'],
      threads: [4],
      steps: 7,
      engine: 'wasm',
      capture: false,
      soak: 5000,
      ordinary: false,
    });
    expect(parseOptions(['--workloads', 'none', '--soak', '1']).workloads).toEqual([]);
  });

  it.each([
    [['--workloads', 'W1,W9'], 'unknown workload W9; there are W1, W2'],
    [['--workloads', 'toString'], 'unknown workload toString'],
    [['--workloads', 'none'], '--soak'],
    [['--threads', '1,0'], '--threads must be a whole number, 1 or more; got "0"'],
    [['--rounds', '2.5'], '--rounds'],
    [['--steps', ''], '--steps'],
    [['--soak', '-3'], '--soak'],
    [['--fast'], '--fast'],
    [['W1'], 'W1'],
    [['--write', '--no-write'], 'contradict'],
  ])('refuses %j', (args, message) => {
    expect(() => parseOptions(args)).toThrow(UsageError);
    expect(() => parseOptions(args)).toThrow(message);
  });

  it('ends the command with status 2 and the usage', () => {
    const file = fileURLToPath(new URL('bench.mjs', import.meta.url));
    const { status, stdout, stderr } = spawnSync(process.execPath, [file, '--workloads', 'W9'], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('unknown workload W9');
    expect(stderr).toContain('--threads 1,2');
  });
});

describe('publishes', () => {
  it('an ordinary run beside a peer on a quiet machine', () => {
    expect(publishing([])).toBe(true);
    expect(publishing(['--rounds', '9', '--grids', '2', '--soak', '5000'])).toBe(true);
    expect(publishing([], { peerFound: false })).toBe(false);
    expect(publishing([], { quiet: false })).toBe(false);
    expect(publishing(['--no-write'])).toBe(false);
  });

  it.each([['--json'], ['--workloads', 'W1'], ['--threads', '2'], ['--steps', '3'], ['--engine', 'native'], ['--no-capture']])(
    'not one with %s, unless it is asked to',
    (...args) => {
      expect(publishing(args)).toBe(false);
      expect(publishing([...args, '--write'], { peerFound: false, quiet: false })).toBe(true);
    },
  );
});
