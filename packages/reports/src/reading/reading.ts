import type { ComparisonResults, ResultRow } from '@equimodal/comparison';
import { decisive, LEVEL, list, meanAndSpread, plural, points, pValue, verdict, type Verdict } from '../format/format.js';

/**
 * The outcome in plain words, one paragraph an entry: which rows differ from the reference beyond the noise, which do
 * not, what remains after correcting for the number of comparisons, and which mean is highest.
 */
export function reading(results: ComparisonResults): string[] {
  const { rows, reference } = results;
  if (rows.length === 0) return ['No run finished, so there is nothing to compare.'];
  const base = rows.find((row) => row.recipe === reference);
  if (base === undefined) return [highest(rows)];
  const of = (wanted: Verdict): ResultRow[] => rows.filter((row) => verdict(row.recipe, reference, row.versusReference) === wanted);
  const [above, below, inside, untested] = [of('above'), of('below'), of('inside'), of('untested')];
  const sentences = [
    above.length > 0 ? `Above ${base.recipe} beyond the noise: ${list(above.map(withTest))}.` : '',
    below.length > 0 ? `Below ${base.recipe} beyond the noise: ${list(below.map(withTest))}.` : '',
    inside.length > 0 ? insideTheNoise(base, inside, above.length + below.length) : '',
    onTestSamples(base, inside),
    untested.length > 0
      ? `Not tested, for want of a seed in common with ${base.recipe}: ${list(untested.map(({ recipe }) => recipe))}.`
      : '',
    corrected(base, rows),
    highest(rows),
  ];
  return sentences.filter((sentence) => sentence !== '');
}

function withTest({ recipe, versusReference: test }: ResultRow): string {
  if (test === null) return recipe;
  const value = decisive(test);
  const p = value === null ? 'no p' : pValue(value);
  const written = p.startsWith('<') || p.startsWith('no') ? p.replace('<', 'p <') : `p = ${p}`;
  return `${recipe} (${points(test.difference)} points, ${written})`;
}

/** More rows than this are named without their figures, which stand in the table. */
const MANY = 6;

function range(rows: readonly ResultRow[]): string {
  const differences = rows.map(({ versusReference: test }) => test?.difference ?? 0);
  return `${points(Math.min(...differences))} to ${points(Math.max(...differences))} points`;
}

function insideTheNoise(base: ResultRow, inside: readonly ResultRow[], outside: number): string {
  const names = inside.length > MANY ? `${list(inside.map(({ recipe }) => recipe))} (${range(inside)})` : list(inside.map(withTest));
  const lead = outside === 0 ? 'Every tested difference is inside the noise' : 'Differences inside the noise';
  return (
    `${lead}: ${names}. With these seeds nothing can be said of ${inside.length === 1 ? 'it' : 'them'} beside ` +
    `${base.recipe}; that is not the same as being equal.`
  );
}

function corrected(base: ResultRow, rows: readonly ResultRow[]): string {
  const tested = rows.flatMap(({ recipe, versusReference: test }) =>
    recipe === base.recipe || test === null || test.pValue === null ? [] : [{ recipe, test, p: test.pValue }],
  );
  const lost = tested.filter(({ p, test }) => p <= LEVEL && (decisive(test) ?? 1) > LEVEL).map(({ recipe }) => recipe);
  if (tested.length < 2) return '';
  const alone = lost.length === 0 ? '' : ` On ${lost.length === 1 ? 'its' : 'their'} own ${list(lost)} would pass.`;
  return (
    `${plural(tested.length, 'row')} were tested at once, and at this level one test in twenty errs by chance; p values are ` +
    `after Holm's correction for that.${alone}`
  );
}

/** What the bootstrap says where it differs from the tests over seeds. */
function onTestSamples(base: ResultRow, inside: readonly ResultRow[]): string {
  const firm = inside.filter(({ versusReference: test }) => test?.bootstrap != null && test.bootstrap.pValue <= LEVEL);
  if (firm.length === 0) return '';
  const [they, have] = firm.length === 1 ? ['this one', 'has'] : ['these', 'have'];
  return (
    `On the test samples alone (paired bootstrap, without correction) ${list(firm.map(({ recipe }) => recipe))} would differ from ` +
    `${base.recipe}: ${they} ${have} too few seeds, or vary too much between them, to tell whether it holds when trained again.`
  );
}

function highest(rows: readonly ResultRow[]): string {
  const scored = rows.flatMap((row) => {
    const accuracy = row.metrics['accuracy'];
    return accuracy === undefined || !Number.isFinite(accuracy.mean) ? [] : [{ row, accuracy }];
  });
  const [best] = scored.sort((a, b) => b.accuracy.mean - a.accuracy.mean);
  if (best === undefined) return '';
  const seeds = plural(best.row.seeds.length, 'seed');
  return `The highest mean test accuracy is ${best.row.recipe}'s: ${meanAndSpread(best.accuracy)} percent over ${seeds}.`;
}
