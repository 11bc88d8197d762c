import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { equimodal, SMALL, start, until, workFolder } from './support/cli.js';

const work = workFolder();
afterAll(() => work.done());
const json = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T;

describe('equimodal list', () => {
  it('prints every kind as the contract says', async () => {
    const { status, stdout } = await equimodal(['list', '--json'], work.dir);
    expect(status).toBe(0);
    const entries = JSON.parse(stdout) as {
      kind: string;
      id: string;
      description: string;
      facts: object;
      options: object;
      plugin: string;
    }[];
    const kinds = [
      'encoder',
      'fusion',
      'loss',
      'alignment',
      'alpha-scheduler',
      'method',
      'metric',
      'dataset',
      'observer',
      'engine',
      'recipe',
    ];
    expect([...new Set(entries.map(({ kind }) => kind))].sort()).toEqual([...kinds].sort());
    for (const entry of entries) expect(Object.keys(entry).sort()).toEqual(['description', 'facts', 'id', 'kind', 'options', 'plugin']);
    const ids = (kind: string) => entries.filter((entry) => entry.kind === kind).map(({ id }) => id);
    expect(ids('encoder')).toEqual(expect.arrayContaining(['mlp', 'lenet', 'resnet18']));
    expect(ids('recipe')).toEqual(
      expect.arrayContaining(['unimodal', 'unimodal-sum', 'concat', 'sum', 'affine', 'ogm-ge', 'lfm-h', 'lfm-lb']),
    );
    const temperature = entries.find(({ id }) => id === 'info-nce')!.options as { properties: Record<string, { default: number }> };
    expect(temperature.properties['temperature']!.default).toBe(0.07);
  });

  it('takes one kind, and suggests for a mistyped one', async () => {
    expect((await equimodal(['list', 'fusion'], work.dir)).stdout).toMatch(/^fusion\n {2}/);
    const wrong = await equimodal(['list', 'fuson'], work.dir);
    expect([wrong.status, wrong.stderr.includes('did you mean "fusion"')]).toEqual([2, true]);
  });
});

describe('equimodal doctor', () => {
  it('names the engine, the candidates and the reasons', async () => {
    const { status, stdout } = await equimodal(['doctor', '--json'], work.dir);
    expect(status).toBe(0);
    const { engine, candidates } = JSON.parse(stdout) as {
      engine: Record<string, unknown>;
      candidates: { id: string; usable: boolean; reason: string }[];
    };
    expect(Object.keys(engine)).toEqual(expect.arrayContaining(['id', 'backend', 'gpu', 'native']));
    expect(candidates.map(({ id }) => id)).toEqual(['native', 'wasm', 'cpu']);
    expect(candidates.find(({ id }) => id === engine['id'])!.usable).toBe(true);
    for (const { reason } of candidates) expect(reason.length).toBeGreaterThan(5);
  });
});

describe('equimodal compare', () => {
  const file = work.write('small.yaml', SMALL);

  it('trains every row with every seed, prints the table and writes results and report', async () => {
    const { status, stdout, stderr } = await equimodal(['compare', file], work.dir);
    expect(stderr).toMatch(/8\/8/);
    expect(status).toBe(0);
    for (const row of ['unimodal/image', 'unimodal/audio', 'concat', 'lfm-h']) expect(stdout).toContain(row);
    const report = join(work.dir, 'runs', 'small', 'report');
    for (const name of ['report.html', 'table.md', 'table.tex', 'table.csv', 'results.json'])
      expect(existsSync(join(report, name)), name).toBe(true);
    const { rows } = json<{
      rows: {
        recipe: string;
        seeds: number[];
        metrics: Record<string, { mean: number; std: number; values: number[] }>;
        seconds: number;
      }[];
    }>(join(report, 'results.json'));
    expect(rows.map(({ recipe }) => recipe)).toEqual(['unimodal/image', 'unimodal/audio', 'concat', 'lfm-h']);
    for (const { seeds, metrics, seconds } of rows) {
      expect(seeds).toEqual([0, 1]);
      expect(metrics['accuracy']!.values).toHaveLength(2);
      expect(metrics['accuracy']!.mean).toBeCloseTo((metrics['accuracy']!.values[0]! + metrics['accuracy']!.values[1]!) / 2, 10);
      expect(seconds).toBeGreaterThan(0);
    }
  });

  it('leaves run folders that tell everything', async () => {
    const dir = join(work.dir, 'runs', 'small', 'lfm-h', 'seed-1');
    const metrics = json<{
      selection: string;
      epochs: number;
      validation: Record<string, unknown>;
      test: Record<string, unknown> & { perModality: Record<string, Record<string, number>> };
    }>(join(dir, 'metrics.json'));
    expect(metrics.selection).toBe('validation');
    expect(metrics.epochs).toBe(3);
    for (const split of [metrics.validation, metrics.test])
      for (const key of ['accuracy', 'macroF1', 'map', 'modalityGap']) expect(typeof split[key], key).toBe('number');
    expect(Object.keys(metrics.test.perModality['audio']!)).toEqual(expect.arrayContaining(['accuracy', 'macroF1', 'map']));
    const run = json<Record<string, unknown>>(join(dir, 'run.json'));
    expect(run).toMatchObject({
      status: 'completed',
      seed: 1,
      recipe: { id: 'lfm-h', training: { epochs: 3, optimizer: { use: 'sgd' } } },
    });
    const signals = readFileSync(join(dir, 'signals.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; index: number });
    expect(signals.map(({ index }) => index)).toEqual(signals.map((_, i) => i));
    expect(signals.filter(({ type }) => type === 'step.completed')).toHaveLength(3 * 7);
    expect(existsSync(join(dir, 'checkpoints', 'latest.safetensors'))).toBe(true);
    const again = await equimodal(['evaluate', dir, '--json'], work.dir);
    expect(again.status).toBe(0);
    expect(JSON.parse(again.stdout)).toEqual(metrics);
  });

  it('reuses finished runs with --resume, and never overwrites without', async () => {
    const resumed = await equimodal(['compare', file, '--resume', '--json'], work.dir);
    expect(resumed.status).toBe(0);
    expect(resumed.stderr.match(/reused/g)).toHaveLength(8);
    expect((JSON.parse(resumed.stdout) as { rows: unknown[] }).rows).toHaveLength(4);
    const before = readFileSync(join(work.dir, 'runs/small/concat/seed-0/metrics.json'), 'utf8');
    const fresh = await equimodal(['compare', file, '--recipes', 'concat', '--seeds', '0', '--set', 'training.epochs=1'], work.dir);
    expect(fresh.status).toBe(0);
    expect(readFileSync(join(work.dir, 'runs/small/concat/seed-0.old-1/metrics.json'), 'utf8')).toBe(before);
    const other = await equimodal(['compare', file, '--recipes', 'concat', '--seeds', '0', '--resume'], work.dir);
    expect([other.status, other.stderr.includes('EQM_RUN_EXISTS')]).toEqual([2, true]);
  });

  it('loads a plugin from a path and compares it with the built-in pieces', async () => {
    const plugin = new URL('./fixtures/plugin.mjs', import.meta.url).pathname;
    const own = work.write(
      'own.yaml',
      `${SMALL.replace('recipes: [unimodal, concat, lfm-h]', 'recipes: [{ recipe: lfm-h, as: mine, alpha: { use: thirds } }, halves]')}plugins: [${JSON.stringify(plugin)}]\n`.replace(
        'reference: concat',
        '',
      ),
    );
    const { status, stdout, stderr } = await equimodal(['compare', own, '--seeds', '0', '--json'], work.dir);
    expect(stderr).not.toContain('EQM_');
    expect(status).toBe(0);
    expect((JSON.parse(stdout) as { rows: { recipe: string }[] }).rows.map(({ recipe }) => recipe)).toEqual(['mine', 'halves']);
  });
});

describe('bad input', () => {
  const bad = async (args: string[], code: string, env?: Record<string, string>) => {
    const { status, stderr, stdout } = await equimodal(args, work.dir, env);
    expect(stderr).toContain(code);
    expect(stderr).not.toMatch(/\n\s+at .*\(.*:\d+:\d+\)/);
    expect(stdout).toBe('');
    expect(status).toBe(2);
    return stderr;
  };

  it('unknown recipe', async () => {
    const file = work.write('bad-recipe.yaml', SMALL.replace('lfm-h', 'lmf-h'));
    const text = await bad(['compare', file], 'EQM_CONFIG_UNKNOWN_ID');
    expect(text).toMatch(/bad-recipe\.yaml:7:\d+: recipes\[2\]: there is no recipe "lmf-h"; did you mean "lfm-h"\?/);
  });

  it('wrong option type and mistyped option', async () => {
    const file = work.write('bad-type.yaml', SMALL.replace('epochs: 3', 'epochs: many, batchSzie: 3'));
    const text = await bad(['train', file], 'EQM_CONFIG_INVALID');
    expect(text).toMatch(/training\.epochs: expected \w+, got "many" \(string\)/);
    expect(text).toContain('did you mean "batchSize"');
  });

  it('missing data folder', async () => {
    const file = work.write('no-data.yaml', SMALL.replace(/dataset: .*/, 'dataset: av-mnist-style'));
    await bad(['train', file], 'EQM_DATA_ROOT', { EQUIMODAL_DATA: '' });
    const text = await bad(['compare', file, '--data-root', work.dir], 'EQM_DATA_MISSING');
    expect(text).toContain(work.dir);
  });

  it('a table with unequal rows', async () => {
    work.write('data/a.csv', '1,2,0\n3,4,1\n5,6\n');
    work.write('data/b.csv', '1,0\n2,1\n3,0\n');
    const file = work.write(
      'bad-csv.yaml',
      SMALL.replace(
        /dataset: .*/,
        'dataset: { use: features, modalities: { a: { train: a.csv, test: a.csv }, b: { train: b.csv, test: b.csv } }, labels: { from: a, column: last } }',
      ),
    );
    const text = await bad(['train', file, '--data-root', join(work.dir, 'data')], 'EQM_DATA_MALFORMED');
    expect(text).toMatch(/a\.csv/);
    expect(text).toMatch(/3/);
  });

  it('unknown command, unknown flag, malformed seeds', async () => {
    expect((await equimodal(['comprae', 'x.yaml'], work.dir)).status).toBe(2);
    expect((await equimodal(['train', 'x.yaml', '--epcohs', '3'], work.dir)).status).toBe(2);
    expect((await equimodal(['train', 'x.yaml', '--seeds', 'one'], work.dir)).status).toBe(2);
    await bad(['train', 'nowhere.yaml'], 'EQM_CONFIG_UNREADABLE');
    await bad(['train', work.write('ok.yaml', SMALL), '--engine', 'quantum'], 'EQM_ENGINE_UNAVAILABLE');
    await bad(['evaluate', work.dir], 'EQM_RUN_MISSING');
  });

  it('scores a run with a missing modality where the fusion allows it, and says why not elsewhere', async () => {
    const partial = work.write('partial.yaml', SMALL);
    const one = ['--seeds', '0', '--set', 'training.epochs=1'];
    expect((await equimodal(['compare', partial, '--recipes', 'etmc,affine', ...one], work.dir)).status).toBe(0);
    const run = (row: string) => join(work.dir, 'runs/partial', row, 'seed-0');
    const whole = json<{ test: Record<string, number> }>(join(run('etmc'), 'metrics.json'));
    expect(whole.test['uncertainty']).toBeGreaterThan(0);
    expect(whole.test['uncertainty']).toBeLessThan(1);
    const { status, stdout } = await equimodal(['evaluate', run('etmc'), '--without', 'audio', '--json'], work.dir);
    expect(status).toBe(0);
    const alone = JSON.parse(stdout) as { test: { accuracy: number; loss: number; perModality: Record<string, { accuracy: number }> } };
    expect(alone.test.perModality).toEqual({});
    // Evidence of one view is its own read-out.
    expect(alone.test.accuracy).toBe((whole.test['perModality'] as unknown as typeof alone.test.perModality)['image']!.accuracy);
    expect(await bad(['evaluate', run('affine'), '--without', 'audio'], 'EQM_CONFIG_INCOMPATIBLE')).toContain('cannot do without');
    expect(await bad(['evaluate', run('etmc'), '--without', 'adio'], 'EQM_CONFIG_INCOMPATIBLE')).toContain('did you mean "audio"');
    await bad(['evaluate', run('etmc'), '--without', 'audio,image'], 'EQM_CONFIG_INCOMPATIBLE');
  });

  it('a diverging run: named, exit 2, the last good checkpoint and the finished rows kept', async () => {
    const file = work.write(
      'diverge.yaml',
      SMALL.replace('seeds: [0, 1]', 'seeds: [0]').replace(
        'recipes: [unimodal, concat, lfm-h]',
        'recipes: [concat, { recipe: concat, as: wild, training: { optimizer: { use: sgd, learningRate: 1e30 } } }]',
      ),
    );
    const { status, stdout, stderr } = await equimodal(['compare', file], work.dir);
    expect(status).toBe(2);
    expect(stderr).toMatch(/EQM_TRAIN_DIVERGED: the term "fused" became (NaN|Infinity) at step \d+ of epoch 0/);
    expect(stdout).toContain('concat');
    expect(json<{ status: string; error: { code: string } }>(join(work.dir, 'runs/diverge/wild/seed-0/run.json'))).toMatchObject({
      status: 'failed',
      error: { code: 'EQM_TRAIN_DIVERGED' },
    });
  });
});

describe('a run that is killed', () => {
  const file = work.write('killed.yaml', SMALL.replace('epochs: 3', 'epochs: 12'));
  const args = (out: string) => ['train', file, '--recipes', 'lfm-h', '--seeds', '3', '--out', join(work.dir, out)];
  const dir = (out: string) => join(work.dir, out, 'killed', 'lfm-h', 'seed-3');

  it('resumes and ends bit-equal to one that was not', async () => {
    expect((await equimodal(args('whole'), work.dir)).status).toBe(0);
    const run = start(args('broken'), work.dir);
    const latest = join(dir('broken'), 'checkpoints', 'latest.safetensors');
    await until(() => existsSync(latest) || run.child.exitCode !== null);
    run.child.kill('SIGKILL');
    await run.finished;
    expect(existsSync(join(dir('broken'), 'metrics.json'))).toBe(false);
    const resumed = await equimodal([...args('broken'), '--resume'], work.dir);
    expect(resumed.status).toBe(0);
    for (const name of ['metrics.json'])
      expect(readFileSync(join(dir('broken'), name), 'utf8')).toBe(readFileSync(join(dir('whole'), name), 'utf8'));
    const losses = (out: string) =>
      readFileSync(join(dir(out), 'signals.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { type: string; total?: number; losses?: object })
        .flatMap(({ type, total, losses }) => (type === 'step.completed' ? [{ total, losses }] : []));
    expect(losses('broken')).toEqual(losses('whole'));
    expect(losses('whole')).toHaveLength(12 * 7);
  });

  it('refuses to resume from a corrupt checkpoint, which it names and leaves alone', async () => {
    const run = start(args('corrupt'), work.dir);
    const latest = join(dir('corrupt'), 'checkpoints', 'latest.safetensors');
    await until(() => existsSync(latest) || run.child.exitCode !== null);
    run.child.kill('SIGKILL');
    await run.finished;
    const bytes = readFileSync(latest);
    bytes[bytes.length - 3]! ^= 255;
    writeFileSync(latest, bytes);
    const { status, stderr } = await equimodal([...args('corrupt'), '--resume'], work.dir);
    expect(status).toBe(2);
    expect(stderr).toContain('EQM_CHECKPOINT_CORRUPT');
    expect(stderr).toContain('latest.safetensors');
    expect(readFileSync(latest).equals(bytes)).toBe(true);
  });

  it('interrupted by Ctrl-C it keeps a checkpoint and exits with 130', async () => {
    const long = work.write('long.yaml', SMALL.replace('epochs: 3', 'epochs: 400'));
    const out = join(work.dir, 'interrupted');
    const run = start(['train', long, '--recipes', 'concat', '--seeds', '0', '--out', out], work.dir);
    const folder = join(out, 'long', 'concat', 'seed-0');
    await until(() => existsSync(join(folder, 'checkpoints', 'latest.safetensors')) || run.child.exitCode !== null);
    run.child.kill('SIGINT');
    const { status } = await run.finished;
    expect(status).toBe(130);
    expect(json<{ status: string }>(join(folder, 'run.json')).status).toBe('interrupted');
    const compare = start(['compare', long, '--recipes', 'concat,sum', '--seeds', '0', '--out', out, '--resume'], work.dir);
    await until(
      () => existsSync(join(out, 'long', 'sum', 'seed-0', 'checkpoints', 'latest.safetensors')) || compare.child.exitCode !== null,
    );
    compare.child.kill('SIGINT');
    expect((await compare.finished).status).toBe(130);
  });
});
