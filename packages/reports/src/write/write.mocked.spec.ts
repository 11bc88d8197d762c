import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type * as Renderer from '@resvg/resvg-js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sampleResults, smallResults } from '../fixture/results.fixture.js';
import { writeReport } from './write.js';

const broken = vi.hoisted(() => ({ png: false }));
vi.mock('@resvg/resvg-js', async (original) => {
  const real = await original<typeof Renderer>();
  return {
    get Resvg() {
      if (broken.png) throw new Error('no native binding for this platform');
      return real.Resvg;
    },
  };
});

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'equimodal-report-'));
});
afterEach(async () => {
  broken.png = false;
  await rm(dir, { recursive: true, force: true });
});

describe('writeReport', () => {
  it('writes every file, and nothing else, the same each time', async () => {
    const target = join(dir, 'runs', 'report');
    const { files, notes } = await writeReport(sampleResults(), target);
    expect(notes).toEqual([]);
    const names = files.map((file) => basename(file));
    expect(names[0]).toBe('report.html');
    expect([...names].sort()).toEqual([
      'accuracy.png',
      'accuracy.svg',
      'alpha.png',
      'alpha.svg',
      'confusion.png',
      'confusion.svg',
      'contributions.png',
      'contributions.svg',
      'features-pca.png',
      'features-pca.svg',
      'features-umap.png',
      'features-umap.svg',
      'gap.png',
      'gap.svg',
      'gradients.png',
      'gradients.svg',
      'loss.png',
      'loss.svg',
      'missing.png',
      'missing.svg',
      'modality-curves.png',
      'modality-curves.svg',
      'modality-test.png',
      'modality-test.svg',
      'noise.png',
      'noise.svg',
      'reliability.png',
      'reliability.svg',
      'report.html',
      'results.json',
      'table.csv',
      'table.md',
      'table.tex',
    ]);
    expect((await readdir(target)).sort()).toEqual([...names].sort());
    expect(JSON.parse(await readFile(join(target, 'results.json'), 'utf8'))).toEqual(sampleResults());
    const before = await Promise.all(files.map((file) => readFile(file)));
    await writeReport(sampleResults(), target);
    const after = await Promise.all(files.map((file) => readFile(file)));
    expect(after.every((content, i) => content.equals(before[i] ?? Buffer.of()))).toBe(true);
    const html = await readFile(join(target, 'report.html'), 'utf8');
    expect(html.match(/<svg /g)).toHaveLength(14);
  });

  it('removes plots of an earlier report and leaves other files alone', async () => {
    await writeFile(join(dir, 'alpha.svg'), 'old');
    await writeFile(join(dir, 'mine.svg'), 'mine');
    await writeReport(smallResults(), dir);
    const names = await readdir(dir);
    expect(names).not.toContain('alpha.svg');
    expect(names).toContain('mine.svg');
    expect(names.some((name) => name.endsWith('.tmp'))).toBe(false);
  });

  it('writes the rest and says why where PNG cannot be made', async () => {
    broken.png = true;
    const { files, notes } = await writeReport(smallResults(), dir);
    expect(files.some((file) => file.endsWith('.png'))).toBe(false);
    expect(files.some((file) => file.endsWith('accuracy.svg'))).toBe(true);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain('no native binding for this platform');
  });

  it('says that names outside the bundled font depend on system fonts', async () => {
    const rows = smallResults().rows.map((row) => ({ ...row, recipe: `${row.recipe}模` }));
    const { files, notes } = await writeReport(smallResults({ rows, reference: 'base模' }), dir);
    expect(files.filter((file) => file.endsWith('.png'))).toHaveLength(2);
    expect(notes).toEqual([expect.stringContaining('outside the bundled font')]);
  });

  it('answers a folder that cannot be written with a coded error', async () => {
    const file = join(dir, 'file');
    await writeFile(file, '');
    await expect(writeReport(smallResults(), file)).rejects.toMatchObject({
      code: 'EQM_REPORT_WRITE',
      where: file,
    });
  });
});
