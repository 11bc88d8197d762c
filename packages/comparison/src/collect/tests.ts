import type { PairedTest } from '../results/results.js';
import { pairedBootstrap, type BootstrapTest } from '../statistics/bootstrap/bootstrap.js';
import { holm } from '../statistics/holm/holm.js';
import { pairedTTest } from '../statistics/statistics.js';
import { wilcoxonSignedRank } from '../statistics/wilcoxon/wilcoxon.js';
import type { FinishedRun } from './finished.js';

/** The runs of a row, by its name. */
export type RunsByRow = ReadonlyMap<string, readonly FinishedRun[]>;

/**
 * Tests of every row against the reference row, by test accuracy, paired by seed; Holm's correction counts the rows that have a
 * p value. Rows without a seed in common with the reference, and the reference itself, are not in the result.
 */
export function testsAgainst(reference: string, rows: RunsByRow): Map<string, PairedTest> {
  const base = rows.get(reference) ?? [];
  const tests = [...rows].flatMap(([row, runs]): [string, PairedTest][] => {
    const test = row === reference ? null : testOf(reference, runs, base);
    return test === null ? [] : [[row, test]];
  });
  const tested = tests.filter(([, { pValue }]) => pValue !== null);
  const adjusted = holm(tested.map(([, { pValue }]) => pValue!));
  const corrected = new Map(tested.map(([row], i) => [row, adjusted[i]!]));
  return new Map(tests.map(([row, test]) => [row, { ...test, holm: corrected.get(row) ?? null }]));
}

function testOf(reference: string, runs: readonly FinishedRun[], base: readonly FinishedRun[]): PairedTest | null {
  const pairs = runs.flatMap((run) => {
    const other = base.find(({ seed }) => seed === run.seed);
    const [a, b] = [run.metrics.test.accuracy, other?.metrics.test.accuracy];
    return other === undefined || a === undefined || b === undefined ? [] : [{ run, other, a, b }];
  });
  if (pairs.length === 0) return null;
  const [a, b] = [pairs.map((pair) => pair.a), pairs.map((pair) => pair.b)];
  const { difference, pValue } = pairedTTest(a, b);
  return {
    reference,
    metric: 'accuracy',
    difference,
    pValue,
    holm: null,
    wilcoxon: wilcoxonSignedRank(a, b).pValue,
    seeds: pairs.length,
    bootstrap: bootstrapOf(pairs),
  };
}

function bootstrapOf(pairs: readonly { readonly run: FinishedRun; readonly other: FinishedRun }[]): BootstrapTest | null {
  const all = pairs.flatMap(({ run, other }) => [run.predictions, other.predictions]);
  const labels = all[0]?.labels;
  const paired = labels !== undefined && all.every((one) => one !== null && same(one.labels, labels));
  if (!paired || labels.length === 0) return null;
  const right = ({ predictions }: FinishedRun): Uint8Array =>
    Uint8Array.from(predictions!.predicted, (label, i) => (label === labels[i] ? 1 : 0));
  return pairedBootstrap(
    pairs.map(({ run }) => right(run)),
    pairs.map(({ other }) => right(other)),
  );
}

const same = (a: Int32Array, b: Int32Array): boolean => a.length === b.length && a.every((value, i) => value === b[i]);
