import { fork } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { equimodal, SMALL, start, until, workFolder } from './support/cli.js';

const work = workFolder();
afterAll(() => work.done());
const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

interface Manifest {
  readonly status: string;
  readonly error?: { readonly code: string; readonly message: string };
}
const manifest = (experiment: string, row: string, seed: number): Manifest =>
  JSON.parse(readFileSync(join(work.dir, 'runs', experiment, row, `seed-${seed}`, 'run.json'), 'utf8')) as Manifest;
const bytes = (experiment: string, row: string, seed: number, name: string): string =>
  readFileSync(join(work.dir, 'runs', experiment, row, `seed-${seed}`, name), 'utf8');
/** A continued run says again that it started, so its signals are counted differently from there on. */
const steps = (text: string): string[] =>
  text.split('\n').flatMap((line) => (line.startsWith('{"type":"step.completed"') ? [line.replace(/"index":\d+,/, '')] : []));

describe('a run that ends badly', () => {
  const ways = ['kill', 'abort', 'exit', 'uncaught', 'memory', 'throw'] as const;
  const marker = join(work.dir, 'mended');
  const rows = ways.map((how) => `{ recipe: lfm-h, as: ${how}, alpha: { use: faulty, how: ${how}, marker: ${marker} } }`);
  const file = work.write(
    'faulty.yaml',
    SMALL.replace('seeds: [0, 1]', 'seeds: [0]')
      .replace('epochs: 3', 'epochs: 4')
      .replace(/recipes: .*/, `recipes: [${rows.join(', ')}, concat]\nplugins: [${JSON.stringify(fixture('faulty.mjs'))}]`),
  );
  const states = (): Record<string, string | undefined> =>
    Object.fromEntries(ways.map((how) => [how, manifest('faulty', how, 0).error?.code ?? manifest('faulty', how, 0).status]));

  it('is recorded with its reason and does not take the others down', async () => {
    const { status, stderr, stdout } = await equimodal(['compare', file, '--jobs', '2'], work.dir);
    expect(stderr).toContain('7/7');
    expect(status).toBe(2);
    expect(stdout).toContain('concat');
    expect(manifest('faulty', 'concat', 0).status).toBe('completed');
    expect(states()).toEqual({
      ...{ kill: 'EQM_RUN_KILLED', abort: 'EQM_RUN_KILLED', exit: 'EQM_RUN_KILLED', uncaught: 'EQM_RUN_KILLED' },
      ...{ memory: 'EQM_OUT_OF_MEMORY', throw: 'EQM_PLUGIN_FAULT' },
    });
    expect(manifest('faulty', 'kill', 0).error!.message).toContain('SIGKILL');
    expect(manifest('faulty', 'exit', 0).error!.message).toContain('status 7');
    expect(manifest('faulty', 'uncaught', 0).error!.message).toContain('thrown where nobody catches it');
  });

  it('is continued with --resume if the cause lay outside, and begun anew only with --retry-failed', async () => {
    writeFileSync(marker, '');
    const resumed = await equimodal(['compare', file, '--jobs', '2', '--resume'], work.dir);
    expect(resumed.status).not.toBe(0);
    expect(resumed.stderr).toContain('--retry-failed');
    expect(states()).toEqual({ ...Object.fromEntries(ways.map((how) => [how, 'completed'])), throw: 'EQM_PLUGIN_FAULT' });
    const retried = await equimodal(['compare', file, '--jobs', '2', '--retry-failed'], work.dir);
    expect(retried.status).toBe(0);
    expect(retried.stderr.match(/reused/g)).toHaveLength(6);
    expect(existsSync(join(work.dir, 'runs/faulty/throw/seed-0.old-1/run.json'))).toBe(true);
    // All rows are the same training; the one that was never broken off says what comes out.
    for (const how of ways) {
      expect(bytes('faulty', how, 0, 'metrics.json'), how).toBe(bytes('faulty', 'throw', 0, 'metrics.json'));
      expect(steps(bytes('faulty', how, 0, 'signals.jsonl')), how).toEqual(steps(bytes('faulty', 'throw', 0, 'signals.jsonl')));
    }
  });
});

describe('a full disk', () => {
  it('stops the grid with a code, keeps finished runs, and the rest goes on when there is space', async () => {
    const file = work.write('full.yaml', SMALL.replace('epochs: 3', 'epochs: 12'));
    const flag = join(work.dir, 'full');
    const env = { EQUIMODAL_TEST_FULL: flag, NODE_OPTIONS: `--import ${fixture('full-disk.mjs')}` };
    const args = ['compare', file, '--recipes', 'concat,lfm-h', '--jobs', '2'];
    const run = start(args, work.dir, env);
    const done = (): boolean => existsSync(join(work.dir, 'runs/full/concat/seed-0/metrics.json'));
    await until(() => done() || run.child.exitCode !== null);
    await until(() => manifest('full', 'concat', 0).status === 'completed' || run.child.exitCode !== null);
    const before = bytes('full', 'concat', 0, 'run.json');
    writeFileSync(flag, '');
    const { status, stderr } = await run.finished;
    expect(stderr).toContain('EQM_DISK_FULL');
    expect(status).toBe(2);
    expect(bytes('full', 'concat', 0, 'run.json')).toBe(before);
    rmSync(flag);
    const resumed = await equimodal([...args, '--resume'], work.dir);
    expect(resumed.status).toBe(0);
    expect(resumed.stderr).toContain('concat seed 0');
    const whole = await equimodal([...args, '--out', 'whole'], work.dir);
    expect(whole.status).toBe(0);
    for (const row of ['concat', 'lfm-h']) {
      for (const seed of [0, 1]) {
        const undisturbed = (name: string): string => readFileSync(join(work.dir, 'whole/full', row, `seed-${seed}`, name), 'utf8');
        expect(bytes('full', row, seed, 'metrics.json')).toBe(undisturbed('metrics.json'));
        expect(steps(bytes('full', row, seed, 'signals.jsonl'))).toEqual(steps(undisturbed('signals.jsonl')));
      }
    }
  });
});

describe('one runner a folder', () => {
  const file = work.write('locked.yaml', SMALL.replace('epochs: 3', 'epochs: 100000'));

  it('refuses a second one, ends with checkpoints on Ctrl-C, and then lets another in', async () => {
    const args = ['compare', file, '--recipes', 'concat,lfm-h', '--seeds', '0', '--jobs', '2'];
    const run = start(args, work.dir);
    const latest = (row: string): string => join(work.dir, 'runs/locked', row, 'seed-0/checkpoints/latest.safetensors');
    await until(() => (existsSync(latest('concat')) && existsSync(latest('lfm-h'))) || run.child.exitCode !== null);
    const second = await equimodal([...args, '--resume'], work.dir);
    expect([second.status, second.stderr.includes('EQM_RUN_LOCKED'), second.stderr.includes(`process ${run.child.pid}`)]).toEqual([
      2,
      true,
      true,
    ]);
    const train = await equimodal(['train', file, '--recipes', 'concat', '--seeds', '0', '--resume'], work.dir);
    expect([train.status, train.stderr.includes('EQM_RUN_LOCKED')]).toEqual([2, true]);
    run.child.kill('SIGINT');
    expect((await run.finished).status).toBe(130);
    for (const row of ['concat', 'lfm-h']) expect(manifest('locked', row, 0).status).toBe('interrupted');
    const plan = await equimodal([...args, '--resume', '--dry-run', '--json'], work.dir);
    expect(plan.status).toBe(0);
    const { runs, toDo, seconds } = JSON.parse(plan.stdout) as { runs: { state: string }[]; toDo: number; seconds: number };
    expect([runs.map(({ state }) => state), toDo]).toEqual([['unfinished', 'unfinished'], 2]);
    expect(seconds).toBeGreaterThan(0);
    expect(
      (await equimodal([...args.slice(0, 2), '--recipes', 'sum', '--seeds', '0', '--set', 'training.epochs=1'], work.dir)).status,
    ).toBe(0);
  });

  it('has one owner at a time among processes that take the lock and are killed with it', async () => {
    const args = [join(work.dir, 'race', '.lock'), join(work.dir, 'held')];
    const contend = (): Promise<string> =>
      new Promise((resolve) => {
        let errors = '';
        const child = fork(fixture('contender.mjs'), args, { execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
        child.stderr!.on('data', (chunk: Buffer) => (errors += chunk.toString()));
        child.on('close', (_status, signal) => resolve(signal === 'SIGKILL' ? 'killed' : errors));
      });
    expect(await Promise.all(Array.from({ length: 4 }, contend))).toEqual(['killed', 'killed', 'killed', 'killed']);
  });
});
