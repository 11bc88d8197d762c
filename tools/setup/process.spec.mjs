import { describe, expect, it } from 'vitest';
import { Interrupted, run, StepFailed } from './process.mjs';
import { TaskOutputs } from './nx.mjs';
import { seconds, Steps } from './steps.mjs';

function node(code, options) {
  return run(process.execPath, ['-e', code], options);
}

describe('run', () => {
  it('collects the output, line by line, and the status', async () => {
    const lines = [];
    const result = await node('console.log("a\\nb"); console.error("c"); process.exit(3)', {
      onLine: (line) => lines.push(line),
    });
    expect(result.status).toBe(3);
    expect(result.stdout).toBe('a\nb\n');
    expect(lines.sort()).toEqual(['a', 'b', 'c']);
  });

  it('gives the status of a program that a signal ended', async () => {
    expect((await node('process.kill(process.pid, "SIGTERM"); setTimeout(() => {}, 1000)')).status).toBe(143);
  });

  it('says what could not be started', async () => {
    await expect(run('/no/such/program', [])).rejects.toThrow(StepFailed);
  });

  it('passes messages on', async () => {
    const got = [];
    await node('process.send({ line: "x" }); process.disconnect()', { ipc: (message) => got.push(message) });
    expect(got).toEqual([{ line: 'x' }]);
  });
});

it('has the usual exit status for an interruption', () => {
  expect(new Interrupted('SIGINT').status).toBe(130);
  expect(new Interrupted('SIGTERM').status).toBe(143);
});

describe('TaskOutputs', () => {
  it('takes the output of Nx apart', () => {
    const tasks = new TaskOutputs();
    const text = [
      '',
      ' NX   Running target lint for 2 projects:',
      '- @equimodal/core',
      '> nx run @equimodal/core:lint',
      '> eslint .',
      'an error',
      '> nx run tools:lint  [local cache]',
      'fine',
      ' NX   Successfully ran target lint',
      'after',
    ];
    const found = text.map((line) => tasks.take(line)).filter((task) => task !== undefined);
    expect(found).toEqual([
      { task: '@equimodal/core:lint', cached: false },
      { task: 'tools:lint', cached: true },
    ]);
    expect(tasks.outputs.get('@equimodal/core:lint')).toEqual(['> eslint .', 'an error']);
    expect(tasks.outputs.get('tools:lint')).toEqual(['fine']);
  });
});

describe('Steps', () => {
  it('numbers the steps and says how long each took', async () => {
    const lines = [];
    const steps = new Steps(2, (line) => lines.push(line));
    await steps.step('Build', async (note) => {
      note('half');
      return 'done';
    });
    steps.announce('Go');
    expect(lines.slice(0, 2)).toEqual(['[1/2] Build', '      half']);
    expect(lines[2]).toMatch(/^ {6}done \(\d+\.\d s\)$/);
    expect(lines[3]).toBe('[2/2] Go\n');
  });

  it('rounds longer times', () => {
    expect([seconds(1234), seconds(23456)]).toEqual(['1.2 s', '23 s']);
  });
});
