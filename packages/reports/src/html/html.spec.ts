import { describe, expect, it } from 'vitest';
import { meanAndSpread } from '../format/format.js';
import { figureOf, sampleResults, smallResults } from '../fixture/results.fixture.js';
import { escapeHtml } from './escape.js';
import { formatHtml } from './html.js';

/** The page without its style sheet (which holds fonts) and tags: what a reader reads. */
const words = (html: string): string =>
  html
    .replace(/<(style|script)>[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');

describe('formatHtml', () => {
  const html = formatHtml(sampleResults(), [{ name: 'accuracy', svg: '<svg><title>Plot</title></svg>' }], {
    command: 'equimodal run a.yaml && echo "<done>"',
  });

  it('says what was compared, how, with what outcome, and how to do it again', () => {
    const text = words(html);
    for (const part of [
      'cremad-balance',
      'train 5,954, validation 744, test 744',
      'No speaker occurs in two splits.',
      'native (tensorflow, CPU)',
      'The scored epoch was chosen on validation; test was scored once.',
      'Differences inside the noise: label-smoothing',
      meanAndSpread(sampleResults().rows.at(-1)!.metrics['accuracy']!),
      'EQM_TRAIN_DIVERGED: loss became NaN',
      '6c1f0e4be0a7d2c9',
      'equimodal run a.yaml &amp;&amp; echo &quot;&lt;done&gt;&quot;',
      '7 h 03 min',
    ]) {
      expect(text).toContain(part);
    }
    expect(html).toContain('<figure class="plot" data-plot="accuracy" tabindex="0"><svg>');
  });

  it('marks best, second and the noise', () => {
    expect(html).toMatch(
      /<td class="best" data-value="0\.7\d+"><span class="figure">7\d\.\d<span class="spread"> ± \d\.\d<\/span><\/span><\/td>/,
    );
    expect(html).toMatch(/<td class="second" data-value="0\.69\d+"><span class="figure">69\.\d/);
    expect(html).toMatch(/<span class="figure">\.\d+<\/span><span class="noise">inside the noise<\/span>/);
    // One in the table, one among the further figures.
    expect(html.match(/<tr class="reference">/g)).toHaveLength(2);
  });

  it('shows what papers print apart from ours', () => {
    expect(html).toContain('<th scope="colgroup" colspan="2">published, not ours</th>');
    expect(html).toMatch(/<td class="published" data-value="0\.8362"><span class="figure">83\.6<span class="spread"> ± 0\.1/);
  });

  it('shows what else was measured, as it is', () => {
    expect(formatHtml(smallResults(), [])).not.toContain('Further figures');
    // Points of curves stand in their plot.
    expect(html).toContain('data-name="noiseRobustness/audio"');
    expect(html).not.toContain('accuracyAtNoise');
    const rows = smallResults().rows.map((row) => ({
      ...row,
      metrics: { ...row.metrics, 'loss/audio': figureOf([0.5, 0.7]), modalityGap: figureOf([0.25, 0.25]) },
    }));
    const page = formatHtml(smallResults({ rows }), []);
    expect(page).toContain('Further figures');
    expect(page).toMatch(/data-name="modalityGap".*data-name="loss\/audio"/);
    expect(page).toContain('<td data-value="0.25">0.250<span class="spread"> ± 0.000</span></td>');
  });

  it('tells of each row how it differs and how to make it again', () => {
    expect(html).toContain('<summary><b>lfm-learned</b> <span>3 differences</span></summary>');
    expect(html).toContain('<code>fusion.use</code></th><td><code>concat</code></td><td><code>mean</code></td>');
    expect(html).toContain('npx equimodal train /studies/experiments/cremad-balance.yaml --recipes mla --seeds 1,2');
    expect(html).toContain('<code>mla/seed-2</code>');
  });

  it('needs nothing beside itself', () => {
    expect(html).not.toMatch(/<script[^>]|@import|\bsrc="|href="http/);
    expect([...html.matchAll(/<link [^>]*>/g)].map(([link]) => link)).toEqual(['<link rel="icon" href="data:,">']);
    expect([...html.matchAll(/url\(([^)]{5})/g)].every(([, start]) => start === 'data:')).toBe(true);
    expect(html).toContain('prefers-color-scheme:dark');
  });

  it('closes what it opens', () => {
    for (const tag of ['section', 'table', 'tr', 'td', 'ul', 'li', 'dl', 'p', 'figure', 'main']) {
      const count = (pattern: RegExp): number => html.match(pattern)?.length ?? 0;
      expect(count(new RegExp(`<${tag}[ >]`, 'g')), tag).toBe(count(new RegExp(`</${tag}>`, 'g')));
    }
  });

  it('escapes every name and message', () => {
    const evil = '<img src=x onerror="alert(1)">';
    const page = formatHtml(
      smallResults({
        experiment: evil,
        description: evil,
        version: evil,
        selection: evil,
        rows: smallResults().rows.map((row) => ({
          ...row,
          recipe: `${row.recipe}${evil}`,
          description: evil,
        })),
        dataset: {
          ...smallResults().dataset,
          id: evil,
          notes: [evil],
          modalities: [evil],
          fingerprint: evil,
        },
        engine: { id: evil, backend: evil, gpu: true, versions: { [evil]: evil } },
        failures: [{ recipe: evil, seed: 1, message: evil }],
      }),
      [],
      { command: evil },
    );
    expect(page).not.toContain('<img');
    expect(escapeHtml(`<a href='"'>&`)).toBe('&lt;a href=&#39;&quot;&#39;&gt;&amp;');
  });

  it('warns at the top when the epoch was selected on test', () => {
    expect(html).not.toContain('class="warning"');
    const legacy = formatHtml(sampleResults({ selection: 'legacy-test' }), []);
    expect(legacy.indexOf('class="warning"')).toBeLessThan(legacy.indexOf('In plain words'));
    expect(words(legacy)).toContain('too high by an unknown amount');
  });

  it('is the same on every call and bears an empty comparison', () => {
    expect(formatHtml(sampleResults(), [])).toBe(formatHtml(sampleResults(), []));
    expect(words(formatHtml(smallResults({ rows: [] }), []))).toContain('No run finished');
  });
});
