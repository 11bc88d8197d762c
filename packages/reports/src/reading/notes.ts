import type { ComparisonResults, ResultRow } from '@equimodal/comparison';
import { list, percent, plural } from '../format/format.js';
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
  return fewer.map((row) => {
    const single = row.seeds.length === 1 ? ', so it has no spread and no test' : '';
    return `${row.recipe} has ${plural(row.seeds.length, 'seed')} where others have ${most}${single}.`;
  });
}

function budgetNote(rows: readonly ResultRow[]): string[] {
  const epochs = [...new Set(rows.map((row) => row.epochs))];
  if (epochs.length < 2) return [];
  const each = rows.map((row) => `${row.recipe} ${row.epochs}`);
  return [`The rows did not train for the same number of epochs: ${list(each)}.`];
}

function gapNotes(rows: readonly ResultRow[]): string[] {
  return rows.flatMap((row) => {
    const [validation, test] = [row.validation['accuracy'], row.metrics['accuracy']];
    if (validation === undefined || test === undefined) return [];
    if (!(validation.mean - test.mean > SUSPICIOUS_GAP)) return [];
    return [
      `${row.recipe}: validation accuracy (${percent(validation.mean)}) is far above test ` +
        `(${percent(test.mean)}); look for a leak between the training and validation splits, or a test split of another kind.`,
    ];
  });
}

function failureNote({ failures }: ComparisonResults): string[] {
  if (failures.length === 0) return [];
  const each = failures.map(({ recipe, seed }) => `${recipe} (seed ${seed})`);
  return [
    `${plural(failures.length, 'run')} did not finish and ${failures.length === 1 ? 'is' : 'are'} not in the figures: ${list(each)}.`,
  ];
}
