import { compareRanks, type ComparisonResults, type RankComparison } from '@equimodal/comparison';
import { meanAndSpread, NOTHING, percent } from '../format/format.js';

/** Several comparisons of the same rows on different data, side by side. */
export interface Summary {
  /** One comparison each, by the name of its experiment. */
  readonly experiments: readonly { readonly name: string; readonly dataset: string; readonly report: string; readonly selection: string }[];
  readonly rows: readonly {
    readonly recipe: string;
    /** Mean test accuracy in each experiment, null where the row has none; and as shown. */
    readonly accuracy: readonly (number | null)[];
    readonly shown: readonly string[];
  }[];
  /** Null for fewer than two rows that every experiment has. */
  readonly ranks: RankComparison | null;
}

/**
 * Puts comparisons side by side: the accuracy of each row in each, and average ranks of the rows that all of them have.
 *
 * @param reports address of each experiment's own report, for links
 */
export function summarize(all: readonly ComparisonResults[], reports: readonly string[]): Summary {
  const recipes = [...new Set(all.flatMap(({ rows }) => rows.map(({ recipe }) => recipe)))];
  const figures = recipes.map((recipe) => all.map(({ rows }) => rows.find((row) => row.recipe === recipe)?.metrics['accuracy']));
  const rows = recipes.map((recipe, i) => ({
    recipe,
    accuracy: figures[i]!.map((figure) => (figure === undefined || !Number.isFinite(figure.mean) ? null : figure.mean)),
    shown: figures[i]!.map((figure) => (figure === undefined ? NOTHING : meanAndSpread(figure))),
  }));
  const whole = rows.filter(({ accuracy }) => accuracy.every((value) => value !== null));
  // What reads alike is alike, as in the tables.
  const scores = Object.fromEntries(whole.map(({ recipe, accuracy }) => [recipe, accuracy.map((value) => Number(percent(value!)))]));
  const names = all.map(({ experiment }) => experiment);
  return {
    experiments: all.map(({ experiment, dataset, selection }, i) => ({
      name: experiment,
      dataset: dataset.id,
      report: reports[i]!,
      selection,
    })),
    rows,
    ranks: whole.length < 2 || all.length < 2 ? null : compareRanks(names, scores),
  };
}
