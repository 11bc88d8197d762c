import { differences, type ComparisonResults, type ResultRow, type RunFacts } from '@equimodal/comparison';
import type { Json } from '@equimodal/core';
import { percent, plural } from '../format/format.js';
import { escapeHtml } from './escape.js';

/** Parts of a configuration that name it and change nothing. */
const NAMES: readonly string[] = ['id', 'recipe', 'description'];

/**
 * Each row on its own: how its configuration differs from the reference's (or the first row's), its runs with folder, selected
 * epoch, accuracy, and the command that makes them again. Closed until asked for.
 */
export function rowsHtml(results: ComparisonResults): string {
  const base = results.rows.find(({ recipe }) => recipe === results.reference) ?? results.rows[0];
  if (base === undefined) return '';
  return results.rows.map((row) => rowHtml(results, row, base)).join('\n');
}

function rowHtml(results: ComparisonResults, row: ResultRow, base: ResultRow): string {
  const runs = results.runs.filter(({ recipe }) => recipe === row.recipe);
  const changes = changesOf(results.recipes[base.recipe], results.recipes[row.recipe]);
  const count =
    row === base ? 'what the others are compared with' : changes.length === 0 ? 'no difference' : plural(changes.length, 'difference');
  return [
    `<details><summary><b>${escapeHtml(row.recipe)}</b> <span>${count}</span></summary>`,
    row.description === '' ? '' : `<p>${escapeHtml(row.description)}</p>`,
    row === base ? config(results.recipes[row.recipe]) : table(base.recipe, row.recipe, changes),
    command(results, row),
    runs.length === 0 ? '' : runsHtml(runs),
    '</details>',
  ].join('\n');
}

interface Change {
  readonly path: string;
  readonly a: Json | undefined;
  readonly b: Json | undefined;
}

function changesOf(a: Json | undefined, b: Json | undefined): Change[] {
  return differences(a, b).filter(({ path }) => !NAMES.includes(path));
}

function table(base: string, row: string, changes: readonly Change[]): string {
  if (changes.length === 0) return '<p>The configuration is the same.</p>';
  const body = changes.map(
    ({ path, a, b }) => `<tr><th scope="row"><code>${escapeHtml(path)}</code></th><td>${value(a)}</td><td>${value(b)}</td></tr>`,
  );
  return (
    '<div class="scroll" tabindex="0" role="region" aria-label="Differences, scrolls sideways"><table class="changes">' +
    `<thead><tr><th scope="col">setting</th><th scope="col">${escapeHtml(base)}</th><th scope="col">${escapeHtml(row)}</th></tr></thead>` +
    `<tbody>${body.join('')}</tbody></table></div>`
  );
}

const value = (json: Json | undefined): string =>
  json === undefined
    ? '<span class="none">nothing</span>'
    : `<code>${escapeHtml(typeof json === 'string' ? json : JSON.stringify(json))}</code>`;

function config(json: Json | undefined): string {
  return json === undefined ? '' : `<pre tabindex="0"><code>${escapeHtml(JSON.stringify(json, null, 2))}</code></pre>`;
}

function command({ file }: ComparisonResults, { recipe, seeds }: ResultRow): string {
  if (file === null) return '';
  const quoted = (text: string): string => (/^[\w./=,:-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
  const text = `npx equimodal train ${quoted(file)} --recipes ${quoted(recipe)} --seeds ${seeds.join(',')}`;
  return `<pre tabindex="0"><code>${escapeHtml(text)}</code></pre>`;
}

function runsHtml(runs: readonly RunFacts[]): string {
  const body = runs.map(
    ({ seed, folder, accuracy, selectedEpoch, commit, started }) =>
      `<tr><th scope="row">${seed}</th><td>${accuracy === null ? '–' : percent(accuracy)}</td><td>${selectedEpoch}</td>` +
      `<td class="start">${escapeHtml(started?.slice(0, 10) ?? '–')}</td><td class="start"><code>${escapeHtml(commit?.slice(0, 10) ?? '–')}</code></td>` +
      `<td class="start"><code>${escapeHtml(folder)}</code></td></tr>`,
  );
  return (
    '<div class="scroll" tabindex="0" role="region" aria-label="Runs, scrolls sideways"><table>' +
    '<thead><tr><th scope="col">seed</th><th scope="col">test accuracy</th><th scope="col">epoch scored</th><th scope="col" class="start">started</th>' +
    `<th scope="col" class="start">commit</th><th scope="col" class="start">folder</th></tr></thead><tbody>${body.join('')}</tbody></table></div>`
  );
}
