import { describe, expect, it } from 'vitest';
import { sampleResults, smallResults } from '../fixture/results.fixture.js';
import { escapeHtml } from './escape.js';
import { formatHtml } from './html.js';

/** The page without its style sheet (which holds fonts) and tags: what a reader reads. */
const words = (html: string): string =>
  html
    .replace(/<style>[\s\S]*?<\/style>/, '')
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
      'Differences inside the noise: unimodal-sum',
      '71.7 ± 1.4',
      'EQM_TRAIN_DIVERGED: loss became NaN',
      '6c1f0e4be0a7d2c9',
      'equimodal run a.yaml &amp;&amp; echo &quot;&lt;done&gt;&quot;',
      '7 h 03 min',
    ]) {
      expect(text).toContain(part);
    }
    expect(html).toContain('<figure class="plot"><svg>');
  });

  it('marks best, second and the noise', () => {
    expect(html).toContain('<td class="best"><span class="figure">71.7<span class="spread"> ± 1.4</span></span></td>');
    expect(html).toContain('<td class="second"><span class="figure">69.2');
    expect(html).toContain('.053</span><span class="noise">inside the noise</span>');
    expect(html.match(/<tr class="reference">/g)).toHaveLength(1);
  });

  it('needs nothing beside itself', () => {
    expect(html).not.toMatch(/<script|<link|@import|\bsrc="|href="http/);
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
