import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { equimodal, workFolder } from './support/cli.js';

const work = workFolder();
afterAll(() => work.done());

interface Report {
  readonly ok: boolean;
  readonly dataset: { readonly use: string };
  readonly splits: Record<string, { readonly rows: number; readonly counts: Record<string, number>; readonly groups: number | null }>;
  readonly splitHash: string;
  readonly notes: string[];
  readonly problems: { readonly where: string; readonly message: string }[];
  readonly error?: { readonly code: string };
}
const small = ['--set', 'train=40', '--set', 'validation=8', '--set', 'test=12'];
const report = async (args: string[]): Promise<{ status: number | null; stderr: string; report: Report }> => {
  const { status, stdout, stderr } = await equimodal(['data', 'check', '--json', ...args], work.dir);
  return { status, stderr, report: JSON.parse(stdout) as Report };
};

describe('equimodal data check', () => {
  it('says what is in a dataset named on the command line, and draws it', async () => {
    const args = ['data', 'check', '--dataset', 'synthetic', ...small, '--contact-sheet', 'sheet.png'];
    const { status, stdout, stderr } = await equimodal(args, work.dir);
    expect([status, stderr]).toEqual([0, 'contact sheet: sheet.png\n']);
    for (const text of [
      'dataset synthetic',
      'strong',
      'vector',
      'split hash',
      'rows read: 40 of 40 train',
      'the best a modality can do alone',
      'nothing is wrong',
    ])
      expect(stdout).toContain(text);
    expect(stdout).toMatch(/^class +train +validation +test$/m);
    expect(stdout).toMatch(/^0 +10 +2 +3$/m);
    expect(readFileSync(join(work.dir, 'sheet.png')).subarray(1, 4).toString()).toBe('PNG');
  });

  it('checks the dataset of an experiment file, with its protocol; the hash tells folds apart', async () => {
    const file = work.write(
      'folds.yaml',
      'dataset: { use: synthetic, train: 40, validation: 8, test: 12, protocol: { use: k-fold, folds: 4 } }\nrecipes: not looked at\n',
    );
    const [one, two] = await Promise.all([report([file]), report([file, '--set', 'dataset.protocol.fold=1'])]);
    expect([one.status, one.report.ok]).toEqual([0, true]);
    const { rows, counts } = one.report.splits['test']!;
    expect([rows, Object.values(counts).sort()]).toEqual([15, [3, 4, 4, 4]]);
    expect(one.report.notes.at(-1)).toContain('fold 0 of 4');
    expect(one.report.splitHash).not.toBe(two.report.splitHash);
  });

  it('ends with status 2 and names the file and the row where data are wrong', async () => {
    work.write('data/a.csv', '1,2,0\n3,4,1\n5,x,0\n');
    const file = work.write(
      'wrong.yaml',
      'dataset: { use: features, modalities: { a: { train: a.csv, test: a.csv } }, labels: { from: a } }\n',
    );
    const [wrong, missing, rootless] = await Promise.all([
      report([file, '--data-root', 'data']),
      report([file, '--data-root', 'data', '--set', 'dataset.modalities.a.test=gone.csv', '--set', 'dataset.modalities.a.train=gone.csv']),
      equimodal(['data', 'check', file], work.dir, { EQUIMODAL_DATA: '' }),
    ]);
    expect([wrong.status, wrong.report.ok, wrong.report.error!.code]).toEqual([2, false, 'EQM_DATA_MALFORMED']);
    expect(wrong.stderr).toMatch(/a\.csv, row 3, column 2/);
    expect([missing.status, missing.report.error!.code]).toEqual([2, 'EQM_DATA_MISSING']);
    expect(missing.stderr).toContain(join('data', 'gone.csv'));
    expect([rootless.status, rootless.stderr.startsWith('EQM_DATA_ROOT')]).toEqual([2, true]);
  });

  it('lists what rows are wrong and reads the others', async () => {
    const plugin = new URL('./fixtures/broken-data.mjs', import.meta.url).pathname;
    const file = work.write('broken.yaml', `plugins: [${plugin}]\ndataset: broken\n`);
    const { status, stderr, report: found } = await report([file]);
    expect([status, found.ok]).toEqual([2, false]);
    expect(found.problems.map(({ where }) => where)).toEqual(['train, row 3 (clip-3)']);
    expect(found.splits['train']!.counts).toEqual({ a: 3, b: 3 });
    expect(stderr).toMatch(/^EQM_DATA_MALFORMED: the data have a problem/);
  });

  it('takes a file or a dataset, and suggests for mistyped names', async () => {
    const [neither, id, option] = await Promise.all(
      [[], ['--dataset', 'sinthetic'], ['--dataset', 'synthetic', '--set', 'clases=3']].map((args) =>
        equimodal(['data', 'check', ...args], work.dir),
      ),
    );
    expect([neither!.status, neither!.stderr.startsWith('EQM_CLI_USAGE')]).toEqual([2, true]);
    expect([id!.status, id!.stderr.includes('did you mean "synthetic"')]).toEqual([2, true]);
    expect([option!.status, option!.stderr.includes('did you mean "classes"')]).toEqual([2, true]);
  });
});

describe('equimodal data stats', () => {
  it('gives figures of each modality by split', async () => {
    const args = ['data', 'stats', '--dataset', 'synthetic', ...small];
    const [{ status, stdout }, asJson] = await Promise.all([equimodal(args, work.dir), equimodal([...args, '--json'], work.dir)]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^train +weak +40 +0 /m);
    const { statistics } = JSON.parse(asJson.stdout) as {
      statistics: Record<string, Record<string, { rows: number; mean: number; deviation: number }>>;
    };
    expect(statistics['test']!['strong']!.rows).toBe(12);
    expect(Math.abs(statistics['train']!['weak']!.mean)).toBeLessThan(0.2);
  });
});
