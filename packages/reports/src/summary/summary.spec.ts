import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { figureOf, smallResults } from '../fixture/results.fixture.js';
import { summaryHtml, words } from './html.js';
import { summarize } from './summary.js';
import { writeSummary } from './write.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'equimodal-summary-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const of = (experiment: string, scores: Record<string, number>) => {
  const [row] = smallResults().rows;
  const rows = Object.entries(scores).map(([recipe, score]) => ({
    ...row!,
    recipe,
    metrics: { accuracy: figureOf([score, score + 0.01]) },
  }));
  return smallResults({ experiment, rows });
};
const three = [of('a', { x: 0.9, y: 0.8, z: 0.7 }), of('b', { x: 0.6, y: 0.5, z: 0.4, w: 0.9 }), of('c', { x: 0.3, y: 0.2, z: 0.25 })];

describe('summarize', () => {
  it('ranks the rows that are everywhere, and keeps the others', () => {
    const { rows, ranks } = summarize(three, ['1', '2', '3']);
    expect(rows.map(({ recipe }) => recipe)).toEqual(['x', 'y', 'z', 'w']);
    expect(rows[3]!.accuracy).toEqual([null, expect.closeTo(0.905), null]);
    expect(ranks!.rows.map(({ name, average }) => [name, Number(average.toFixed(3))])).toEqual([
      ['x', 1],
      ['y', 2.333],
      ['z', 2.667],
    ]);
  });

  it('has no ranks for one comparison', () => {
    const one = summarize(three.slice(0, 1), ['1']);
    expect(one.ranks).toBeNull();
    expect(words(one).join()).toContain('there are no ranks');
  });
});

describe('writeSummary', () => {
  it('writes the same figures in every format', async () => {
    const parts = three.map((results, i) => ({ results, report: `../${i}/report.html` }));
    const { files, summary } = await writeSummary(parts, dir, '1');
    expect(files.map((file) => basename(file)).sort()).toEqual([
      'critical-difference.png',
      'critical-difference.svg',
      'ranks.json',
      'report.html',
      'table.csv',
      'table.md',
      'table.tex',
    ]);
    const read = (name: string) => readFile(join(dir, name), 'utf8');
    expect(JSON.parse(await read('ranks.json'))).toEqual(JSON.parse(JSON.stringify(summary)));
    expect(await read('table.md')).toContain('| x | 1.00 | 90.5 ± 0.7 | 60.5 ± 0.7 | 30.5 ± 0.7 |');
    expect(await read('table.tex')).toContain('x & 1.00 & 90.5 $\\pm$ 0.7 & ');
    expect(await read('table.csv')).toContain('\r\nw,,,0.905,\r\n');
    const html = await read('report.html');
    expect(html).toContain('<a href="../1/report.html">report</a>');
    expect(html).toMatch(/<td class="best" data-value="0\.9\d*">90\.5 ± 0\.7<\/td>/);
    expect(html).toContain('x has the best average rank, 1.00 of 3.');
    expect(html).toContain('1 row is not in all of the comparisons');
  });

  it('says what was selected on test, and escapes names', () => {
    const evil = summarize(
      [of('<b>', { '<i>': 0.5, y: 0.4 }), { ...of('b', { '<i>': 0.5, y: 0.4 }), selection: 'legacy-test' }],
      ['"', '2'],
    );
    const html = summaryHtml(evil, [], '1');
    expect(html).not.toMatch(/<b>|<i>|href="""/);
    expect(html).toContain('Selected on test (legacy-test)');
  });
});
