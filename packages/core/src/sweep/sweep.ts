import type { RecipeConfig } from '../config/experiment.js';
import type { Problems } from '../config/problems.js';
import { suggestion } from '../text/suggest.js';
import { drawPoints, gridPoints, gridValues, type Point } from './points.js';
import type { Space, SweepInput } from './schema.js';

/** One point of a row's space. */
export interface Trial {
  /** From 0. */
  readonly index: number;
  readonly point: Point;
  /** The row with the point's settings; its id is the trial's: `search/lfm-h/trial-03`. */
  readonly config: RecipeConfig;
}

/** What is searched for a row. */
export interface RowSearch {
  readonly recipe: string;
  readonly space: Space;
  readonly trials: readonly Trial[];
}

/** A checked sweep. Plain JSON. */
export interface Sweep {
  readonly search: 'grid' | 'random' | 'halton';
  readonly seed: number;
  readonly seeds: readonly number[];
  readonly metric: string;
  readonly goal: 'max' | 'min';
  readonly equalBudget: boolean;
  readonly rows: readonly RowSearch[];
}

/** Resolves a row with the settings of a point; undefined when that is a problem, which it has added. */
export type ResolveTrial = (row: string, point: Point) => RecipeConfig | undefined;

/** Makes the trials of every row, and adds what is wrong with the sweep. */
export function planSweep(
  problems: Problems,
  input: SweepInput,
  rows: readonly RecipeConfig[],
  seeds: readonly number[],
  resolve: ResolveTrial,
): Sweep {
  const named = [...new Set(rows.flatMap(({ id, recipe }) => [id, recipe]))];
  for (const name of Object.keys(input.recipes)) {
    if (!named.includes(name)) problems.add(['sweep', 'recipes', name], `there is no row "${name}"; ${suggestion(name, named)}`);
  }
  if (input.search !== 'grid' && input.trials === undefined) problems.add(['sweep'], `search "${input.search}" needs "trials"`);
  const searches = rows.map((row): RowSearch => {
    const space = { ...input.space, ...input.recipes[row.recipe], ...input.recipes[row.id] };
    const before = problems.count;
    checkRow(problems, input, row, space);
    const trials = problems.count > before ? [] : trialsOf(problems, row, pointsOf(problems, input, row, space), resolve);
    return { recipe: row.id, space, trials };
  });
  const counts = searches.map(({ trials }) => trials.length);
  if (input.equalBudget && problems.count === 0 && new Set(counts).size > 1) {
    const list = searches.map(({ recipe, trials }) => `${recipe} ${trials.length}`).join(', ');
    problems.add(['sweep'], `rows have unequal numbers of trials (${list}); make them equal, or set "equalBudget: false" for all to see`);
  }
  const { search, seed, metric, equalBudget } = input;
  const goal = input.goal ?? (metric === 'loss' ? 'min' : 'max');
  return { search, seed, seeds: input.seeds ?? seeds.slice(0, 1), metric, goal, equalBudget, rows: searches };
}

function checkRow(problems: Problems, input: SweepInput, row: RecipeConfig, space: Space): void {
  if (row.training.selection === 'legacy-test') {
    problems.add(
      ['sweep'],
      `row "${row.id}" selects on test, and a sweep chooses on validation; set "training.selection" to validation or last`,
    );
  }
  if (Object.keys(space).length === 0 && input.equalBudget) {
    problems.add(
      ['sweep'],
      `row "${row.id}" has nothing to search; name a setting under "space" or "recipes", or set "equalBudget: false"`,
    );
  }
  for (const [path, dimension] of Object.entries(space)) {
    const at = ['sweep', ...(input.space[path] === dimension ? ['space'] : ['recipes', row.id]), path];
    const why = missing(row, path);
    if (why !== undefined) problems.add(at, `${why}; settings of single rows go under "sweep.recipes"`);
    if (input.search === 'grid' && gridValues(dimension) === undefined)
      problems.add(at, 'a grid needs a list of values, or "points" of the range');
  }
}

const ROOTS = ['encoders', 'fusion', 'losses', 'alignment', 'alpha', 'methods', 'training'] as const;

/** Why a row has no such setting; undefined when it has, or when the schema of its piece will say. */
function missing(row: RecipeConfig, path: string): string | undefined {
  const parts = partsOf(path);
  const root = ROOTS.find((name) => name === parts[0]);
  if (root === undefined) return `"${parts[0]}" is nothing that a row can have of its own (${ROOTS.join(', ')})`;
  if (root === 'encoders' && parts[1] === 'default') return undefined;
  let at: unknown = row;
  for (const [i, part] of parts.slice(0, -1).entries()) {
    at = (at as Record<string, unknown>)[part];
    if (typeof at !== 'object' || at === null) return `row "${row.id}" has no "${parts.slice(0, i + 1).join('.')}"`;
  }
  return undefined;
}

function pointsOf(problems: Problems, input: SweepInput, row: RecipeConfig, space: Space): Point[] {
  const { search, trials = 1, seed } = input;
  if (Object.keys(space).length === 0) return [{}];
  if (search !== 'grid') return drawPoints(space, search, trials, seed);
  const points = gridPoints(space);
  if (input.trials !== undefined && points.length > input.trials) {
    problems.add(['sweep', 'trials'], `the grid of row "${row.id}" has ${points.length} points`);
  }
  return points;
}

function trialsOf(problems: Problems, row: RecipeConfig, points: readonly Point[], resolve: ResolveTrial): Trial[] {
  const digits = String(points.length - 1).length;
  const trials: Trial[] = [];
  for (const [index, point] of points.entries()) {
    const before = problems.count;
    const config = resolve(row.id, point);
    // The other points most likely meet the same problem.
    if (config === undefined || problems.count > before) break;
    trials.push({ index, point, config: { ...config, id: `search/${row.id}/trial-${String(index).padStart(digits, '0')}` } });
  }
  return trials;
}

/** `methods[0].alpha` -> methods, 0, alpha. */
const partsOf = (path: string): string[] => path.split(/[.[\]]+/).filter((part) => part !== '');

/** A point as nested maps, to be laid over a row. */
export function overridesOf(point: Point): Record<string, unknown>[] {
  return Object.entries(point).map(
    ([path, value]) => partsOf(path).reduceRight<unknown>((inner, part) => ({ [part]: inner }), value) as Record<string, unknown>,
  );
}
