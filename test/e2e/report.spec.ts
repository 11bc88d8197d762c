/// <reference lib="dom" />
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ComparisonResults } from '@equimodal/comparison';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserPath, OfflineBrowser } from './support/browser.js';
import { equimodal, workFolder, type Finished } from './support/cli.js';

const experiment = (train: number): string => `
description: A demo.
dataset: { use: synthetic-av, train: ${train}, validation: 60, test: 60 }
encoders:
  default: { use: mlp, hidden: [16], features: 8 }
training: { epochs: 3, batchSize: 32 }
seeds: [0, 1, 2]
recipes: [unimodal, concat, sum, lfm-h]
reference: concat
`;
const work = workFolder();
const run = (...args: string[]): Promise<Finished> => equimodal(args, work.dir);
const at = (...path: string[]): string => join(work.dir, 'runs', ...path);
const read = (...path: string[]): string => readFileSync(at(...path), 'utf8');
const resultsOf = (name: string): ComparisonResults => JSON.parse(read(name, 'report', 'results.json')) as ComparisonResults;

beforeAll(async () => {
  for (const [name, train] of [
    ['one', 200],
    ['other', 120],
  ] as const) {
    const file = work.write(`${name}.yaml`, experiment(train));
    const { status, stderr } = await run('compare', file, '--jobs', '1');
    expect(status, stderr).toBe(0);
  }
}, 240_000);
afterAll(() => work.done());

describe('equimodal report', () => {
  it('makes from run folders what compare made', async () => {
    const before = resultsOf('one');
    const { status, stderr } = await run('report', at('one'));
    expect(status, stderr).toBe(0);
    expect(resultsOf('one')).toEqual(before);
    expect(before.confusion).toHaveLength(before.rows.length);
    expect(before.scatter.map(({ recipe }) => recipe)).toEqual(expect.arrayContaining(['concat']));
  });

  it('tests against another row, by seeds and by test samples', async () => {
    const { status, stdout } = await run('report', at('one'), '--reference', 'sum', '--json');
    expect(status).toBe(0);
    const results = JSON.parse(stdout) as ComparisonResults;
    expect(results).toEqual(resultsOf('one'));
    for (const row of results.rows) {
      if (row.recipe === 'sum') expect(row.versusReference).toBeNull();
      else expect(row.versusReference).toMatchObject({ reference: 'sum', seeds: 3, bootstrap: { samples: 60 } });
      const { versusReference: test } = row;
      if (test !== null) expect(test.bootstrap!.difference).toBeCloseTo(test.difference, 6);
    }
    const wrong = await run('report', at('one'), '--reference', 'sun');
    expect([wrong.status, wrong.stderr.includes('EQM_CLI_USAGE') && wrong.stderr.includes('"sum"')]).toEqual([2, true]);
    expect((await run('report', at('nowhere'))).status).toBe(2);
  });

  it('gives the same figures in JSON, CSV and HTML', () => {
    const { rows } = resultsOf('one');
    const [header = '', ...lines] = read('one', 'report', 'table.csv').trimEnd().split('\r\n');
    const html = read('one', 'report', 'report.html');
    rows.forEach((row, i) => {
      const field = (name: string): string => lines[i]!.split(',')[header.split(',').indexOf(name)]!;
      const { mean } = row.metrics['accuracy']!;
      expect(field('recipe')).toBe(row.recipe);
      expect(Number(field('test/accuracy_mean'))).toBe(mean);
      expect(html).toContain(`data-value="${mean}"><span class="figure">${(100 * mean).toFixed(1)}<`);
      expect(read('one', 'report', 'table.md')).toContain(`${(100 * mean).toFixed(1)} ±`);
    });
  });

  it('ranks the rows of several experiments', async () => {
    const { status, stdout } = await run('report', 'runs');
    expect(status).toBe(0);
    expect(stdout).toContain(`all together: ${join('runs', 'report', 'report.html')}`);
    const { ranks } = JSON.parse(read('report', 'ranks.json')) as { ranks: { datasets: string[]; rows: unknown[] } };
    expect(ranks.datasets).toEqual(['one', 'other']);
    expect(ranks.rows).toHaveLength(5);
    expect(read('report', 'report.html')).toContain('<a href="../one/report/report.html">report</a>');
    expect(existsSync(at('report', 'critical-difference.png'))).toBe(true);
  });
});

describe('equimodal runs', () => {
  it('lists, filters and counts', async () => {
    const all = await run('runs');
    expect(all.stdout).toMatch(/one +synthetic-av +concat +0 +completed +\d/);
    expect(all.stdout).toContain('30 completed');
    const { stdout } = await run(
      'runs',
      'runs',
      '--recipes',
      'unimodal',
      '--seeds',
      '1..2',
      '--experiments',
      'other',
      '--status',
      'completed',
      '--json',
    );
    const found = JSON.parse(stdout) as { recipe: string; seed: number; accuracy: number }[];
    expect(found.map(({ recipe, seed }) => `${recipe} ${seed}`)).toHaveLength(4);
    for (const { recipe, accuracy } of found) expect([recipe.startsWith('unimodal/'), accuracy > 0]).toEqual([true, true]);
    expect((await run('runs', 'runs', '--status', 'failed')).stdout).toContain('no run of 30 matches');
  });
});

describe('equimodal diff', () => {
  it('says how two runs differ, and that a run does not differ from itself', async () => {
    const { stdout } = await run('diff', at('one', 'concat', 'seed-0'), at('one', 'lfm-h', 'seed-0'), '--json');
    const { settings, figures } = JSON.parse(stdout) as Record<'settings' | 'figures', { path: string; a: unknown; b: unknown }[]>;
    expect(settings).toContainEqual({ path: 'recipe.id', a: 'concat', b: 'lfm-h' });
    expect(settings.find(({ path }) => path.startsWith('recipe.alpha'))).toBeDefined();
    expect(figures.some(({ path }) => path === 'test.loss')).toBe(true);
    const same = await run('diff', at('one', 'sum', 'seed-1'), at('one', 'sum', 'seed-1'));
    expect(same.stdout).toContain('settings: the same\n\nfigures: the same');
    expect((await run('diff', at('one'), at('one'))).status).toBe(2);
  });
});

describe.skipIf(browserPath === undefined)('the page in Chromium (skipped where there is none; see EQUIMODAL_CHROMIUM)', () => {
  let browser: OfflineBrowser;
  beforeAll(async () => {
    browser = await OfflineBrowser.start();
  });
  afterAll(() => browser?.close());

  it.each([
    ['light', false, 1280],
    ['dark', true, 1280],
    ['light on a phone', false, 390],
    ['dark on a phone', true, 390],
  ])('loads without errors or network, and does not overflow: %s', async (_, dark, width) => {
    for (const file of [at('one', 'report', 'report.html'), at('report', 'report.html')]) {
      const { page, complaints } = await browser.open(file, { dark, width });
      expect(complaints).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      const [ink, paper] = await page.evaluate(() => {
        const { color } = getComputedStyle(document.body);
        return [color, getComputedStyle(document.body).backgroundColor].map((text) =>
          text
            .match(/\d+/g)!
            .slice(0, 3)
            .reduce((sum, part) => sum + Number(part), 0),
        );
      });
      expect(ink! > paper!).toBe(dark);
      await page.context().close();
    }
  });

  it('shows every plot, each with a title for those who cannot see it', async () => {
    const { page } = await browser.open(at('one', 'report', 'report.html'));
    const plots = await page.locator('figure.plot').all();
    const names = await Promise.all(plots.map((plot) => plot.getAttribute('data-plot')));
    expect(names).toEqual([
      'accuracy',
      'modality-test',
      'modality-curves',
      'alpha',
      'loss',
      'gap',
      'gradients',
      'features-pca',
      'features-umap',
      'reliability',
      'confusion',
    ]);
    for (const plot of plots) {
      const box = (await plot.locator('svg').boundingBox())!;
      expect([box.width > 300, box.height > 60]).toEqual([true, true]);
      expect(await plot.locator('svg > title').count()).toBe(1);
      expect(existsSync(at('one', 'report', `${(await plot.getAttribute('data-plot'))!}.png`))).toBe(true);
    }
    await page.context().close();
  });

  it('sorts by a press and by the keyboard, says so, and goes back', async () => {
    const { page } = await browser.open(at('one', 'report', 'report.html'));
    const { rows } = resultsOf('one');
    const names = (): Promise<(string | null)[]> =>
      page
        .locator('table.sortable')
        .first()
        .locator('tbody th')
        .evaluateAll((heads) => heads.map((head) => (head as HTMLElement).dataset['value'] ?? null));
    const original = rows.map(({ recipe }) => recipe);
    expect(await names()).toEqual(original);
    const accuracies = async (): Promise<number[]> =>
      (await names()).map((name) => rows.find(({ recipe }) => recipe === name)!.metrics['accuracy']!.mean);
    const head = page.locator('th[data-name="accuracy"]');
    await head.getByRole('button').click();
    const down = await accuracies();
    expect(down).toEqual([...down].sort((a, b) => b - a));
    expect(await head.getAttribute('aria-sort')).toBe('descending');
    expect(await page.locator('[role=status]').first().textContent()).toBe('Sorted by accuracy, descending.');
    await head.getByRole('button').focus();
    await page.keyboard.press('Enter');
    const up = await accuracies();
    expect(up).toEqual([...up].sort((a, b) => a - b));
    await page.keyboard.press('Space');
    expect([await names(), await head.getAttribute('aria-sort')]).toEqual([original, 'none']);
    await page.context().close();
  });

  it('opens a row by the keyboard and shows the figures of results.json', async () => {
    const { page } = await browser.open(at('one', 'report', 'report.html'));
    const summary = page.locator('section.rows summary', { hasText: 'lfm-h' });
    await summary.focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('section.rows details[open] table.changes').isVisible()).toBe(true);
    const shown = await page
      .locator('table.sortable')
      .first()
      .locator('tbody tr')
      .evaluateAll((lines) =>
        lines.map((line) => [line.querySelector('th')!.dataset['value']!, line.querySelector('td')!.dataset['value']!] as const),
      );
    for (const [recipe, value] of shown) {
      expect(Number(value)).toBe(resultsOf('one').rows.find((row) => row.recipe === recipe)!.metrics['accuracy']!.mean);
    }
    await page.context().close();
  });
});
