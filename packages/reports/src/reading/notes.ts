import type { ComparisonResults, ResultRow } from '@equimodal/comparison';
import { list, percent, plural, pValue } from '../format/format.js';
import { selectionRule } from './selection.js';

/** A validation accuracy this far above test (as a fraction) is pointed at. */
export const SUSPICIOUS_GAP = 0.1;

/**
 * What a reader has to know beside the figures, in plain sentences, the selection rule first: missing seeds, single
 * seeds, unequal budgets, a validation figure far above test, runs that failed.
 */
export function notes(results: ComparisonResults): string[] {
  return [
    selectionRule(results.selection).sentence,
    ...referenceNote(results),
    ...seedNotes(results.rows),
    ...budgetNote(results.rows),
    ...gapNotes(results.rows),
    ...failureNote(results),
    ...publishedNotes(results),
  ];
}

function referenceNote({ reference, rows }: ComparisonResults): string[] {
  if (reference === null) return ['No reference row was named, so no differences were tested.'];
  if (!rows.some((row) => row.recipe === reference)) {
    return [`The reference ${reference} has no finished run, so no differences were tested.`];
  }
  return [];
}

function seedNotes(rows: readonly ResultRow[]): string[] {
  const most = Math.max(0, ...rows.map((row) => row.seeds.length));
  if (most === 0) return [];
  if (most === 1) {
    return ['One seed per row: there is no spread and no test, and no difference can be told from noise.'];
  }
  const fewer = rows.filter((row) => row.seeds.length < most);
  const floor = rows.some(({ versusReference: test }) => test?.wilcoxon != null) && most < 6;
  return [
    ...(floor
      ? [`With ${most} seeds the signed-rank test cannot give less than p = ${pValue(2 / 2 ** most)}; it needs six to go below .05.`]
      : []),
    ...fewer.map((row) => fewerNote(row, most)),
  ];
}

function fewerNote(row: ResultRow, most: number): string {
  const single = row.seeds.length === 1 ? ', so it has no spread and no test' : '';
  return `${row.recipe} has ${plural(row.seeds.length, 'seed')} where others have ${most}${single}.`;
}

function budgetNote(rows: readonly ResultRow[]): string[] {
  const counts = new Map<number, number>();
  for (const { epochs } of rows) counts.set(epochs, (counts.get(epochs) ?? 0) + 1);
  if (counts.size < 2) return [];
  const [usual, share] = [...counts].reduce((most, next) => (next[1] > most[1] ? next : most));
  // Where one number is the rule, the exceptions are named; else every row.
  const others = share > rows.length / 2 ? rows.filter(({ epochs }) => epochs !== usual) : rows;
  const rule = others.length < rows.length ? `; others have ${usual}` : '';
  return [`The rows did not train for the same number of epochs: ${list(others.map((row) => `${row.recipe} ${row.epochs}`))}${rule}.`];
}

function gapNotes(rows: readonly ResultRow[]): string[] {
  const far = rows.flatMap((row) => {
    const [validation, test] = [row.validation['accuracy'], row.metrics['accuracy']];
    if (validation === undefined || test === undefined || !(validation.mean - test.mean > SUSPICIOUS_GAP)) return [];
    return [{ recipe: row.recipe, validation: validation.mean, test: test.mean }];
  });
  const [first] = [...far].sort((a, b) => b.validation - b.test - (a.validation - a.test));
  if (first === undefined) return [];
  const figures = `${percent(first.validation)}) is far above test (${percent(first.test)})`;
  const lead =
    far.length === 1
      ? `${first.recipe}: validation accuracy (${figures}`
      : `In ${far.length} of ${rows.length} rows validation accuracy is far above test, most in ${first.recipe} (${percent(first.validation)} to ${percent(first.test)})`;
  return [`${lead}; look for a leak between the training and validation splits, or a test split of another kind.`];
}

function failureNote({ failures }: ComparisonResults): string[] {
  if (failures.length === 0) return [];
  const each = failures.map(({ recipe, seed }) => `${recipe} (seed ${seed})`);
  return [
    `${plural(failures.length, 'run')} did not finish and ${failures.length === 1 ? 'is' : 'are'} not in the figures: ${list(each)}.`,
  ];
}

function publishedNotes({ published }: ComparisonResults): string[] {
  return published.flatMap(({ label, title, venue, table, protocol, rows }) => [
    `${label}: figures as printed in "${title}" (${venue}, ${table}), not ranked and not ours. ${protocol}`,
    ...rows.flatMap(({ recipe, note }) => (note === null ? [] : [`${label}, ${recipe}: ${note}`])),
  ]);
}
