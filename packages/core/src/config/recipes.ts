import type { Host } from '../plugin/host.js';
import { suggestion } from '../text/suggest.js';
import type { EncoderChoice } from './encoder.js';
import type { ExperimentChoices, LossChoice, RecipeConfig } from './experiment.js';
import type { Problems } from './problems.js';
import { trainingSchema, type ExperimentInput, type RecipeInput } from './schema.js';
import { merge, type ConfigPath } from './source.js';
import { chooseIn, type UseSpec } from './use.js';

interface Expansion {
  readonly host: Host;
  readonly problems: Problems;
  readonly input: ExperimentInput;
  readonly choices: ExperimentChoices;
  readonly modalities: readonly string[];
  readonly trainingInput: Readonly<Record<string, unknown>>;
}

interface Entry {
  readonly row: string;
  readonly recipe: RecipeInput;
  readonly path: ConfigPath;
}

/** Turns the `recipes` of an experiment into rows: recipes looked up, changes merged in, `expand` carried out. */
export function expandRecipes(expansion: Expansion): { config: RecipeConfig; path: ConfigPath }[] {
  const entries = selectEntries(expansion, collectEntries(expansion));
  return entries.flatMap((entry) => {
    const rows = entry.recipe.expand === 'modality' ? perModality(entry, expansion.modalities) : [entry];
    return rows
      .filter((row) => isWanted(row, entry, expansion.choices))
      .flatMap((row) => {
        const config = resolveRow(expansion, row, entry.recipe.id);
        return config === undefined ? [] : [{ config, path: entry.path }];
      });
  });
}

function collectEntries({ host, problems, input }: Expansion): Entry[] {
  const known = host.recipes().map(({ recipe }) => recipe.id);
  return input.recipes.flatMap((entry, i): Entry[] => {
    const path: ConfigPath = ['recipes', i];
    if (typeof entry === 'string') {
      const recipe = host.recipe(entry);
      if (recipe !== undefined) return [{ row: entry, recipe, path }];
      problems.add(path, `there is no recipe "${entry}"; ${suggestion(entry, known)}`, 'EQM_CONFIG_UNKNOWN_ID');
      return [];
    }
    const { recipe: baseId, as, ...changes } = entry;
    const base = baseId === undefined ? undefined : host.recipe(baseId);
    if (baseId !== undefined && base === undefined) {
      problems.add([...path, 'recipe'], `there is no recipe "${baseId}"; ${suggestion(baseId, known)}`, 'EQM_CONFIG_UNKNOWN_ID');
      return [];
    }
    const row = as ?? baseId;
    if (row === undefined || !/^[\w.+-]+(\/[\w.+-]+)*$/.test(row)) {
      problems.add(path, `a recipe needs a name: "recipe: <id>", or "as: <name>" of letters, digits, ".", "_", "+", "-"`);
      return [];
    }
    return [{ row, recipe: merge(base ?? { id: row, description: '' }, changes) as RecipeInput, path }];
  });
}

/** Applies a choice of recipes from outside; known recipes that the file does not list are added. */
function selectEntries({ host, problems, choices }: Expansion, entries: Entry[]): Entry[] {
  if (choices.recipes === undefined) return entries;
  return choices.recipes
    .flatMap((wanted): Entry[] => {
      const found = entries.filter(
        (entry) =>
          entry.row === wanted || entry.recipe.id === wanted || (entry.recipe.expand === 'modality' && wanted.startsWith(`${entry.row}/`)),
      );
      if (found.length > 0) return found;
      const base = wanted.split('/')[0]!;
      const recipe = host.recipe(wanted) ?? (host.recipe(base)?.expand === 'modality' ? host.recipe(base) : undefined);
      if (recipe !== undefined) return [{ row: recipe.id, recipe, path: ['recipes'] }];
      const known = [...new Set([...entries.map((entry) => entry.row), ...host.recipes().map((r) => r.recipe.id)])];
      problems.add(['recipes'], `--recipes names "${wanted}", which is no recipe; ${suggestion(wanted, known)}`, 'EQM_CONFIG_UNKNOWN_ID');
      return [];
    })
    .filter((entry, i, all) => all.indexOf(entry) === i);
}

function isWanted(row: Entry, entry: Entry, choices: ExperimentChoices): boolean {
  if (choices.recipes === undefined || row.row === entry.row) return true;
  return choices.recipes.some((wanted) => wanted === row.row || wanted === entry.row || wanted === entry.recipe.id);
}

/** One row per modality: the recipe restricted to it by the `unimodal` method. */
function perModality(entry: Entry, modalities: readonly string[]): Entry[] {
  return modalities.map((modality) => ({
    ...entry,
    row: `${entry.row}/${modality}`,
    recipe: { ...entry.recipe, methods: [...(entry.recipe.methods ?? []), { use: 'unimodal', modality }] },
  }));
}

function resolveRow(
  { host, problems, input, modalities, trainingInput }: Expansion,
  entry: Entry,
  recipeId: string,
): RecipeConfig | undefined {
  const { recipe, path, row } = entry;
  const before = problems.count;
  const choose = (kind: Parameters<typeof chooseIn>[2], use: Parameters<typeof chooseIn>[3], ...at: (string | number)[]) =>
    chooseIn(host, problems, kind, use, [...path, ...at]);

  const methods = (recipe.methods ?? []).map((use, i) => choose('method', use, 'methods', i));
  const used = methods.every((method) => method !== undefined)
    ? selectModalities(host, methods, recipe.modalities ?? modalities)
    : modalities;
  const encoderInputs = { ...input.encoders, ...recipe.encoders };
  const encoders: Record<string, EncoderChoice> = {};
  for (const modality of used) {
    const use = encoderInputs[modality] ?? encoderInputs['default'];
    if (use === undefined) {
      problems.add(['encoders'], `no encoder for modality "${modality}"; name one under "encoders.${modality}" or "encoders.default"`);
      continue;
    }
    const at: ConfigPath =
      recipe.encoders?.[modality] === undefined
        ? ['encoders', input.encoders[modality] === undefined ? 'default' : modality]
        : [...path, 'encoders', modality];
    const spec = chooseIn(host, problems, 'encoder', use, at);
    if (spec !== undefined) encoders[modality] = spec;
  }
  const fusion = choose('fusion', recipe.fusion ?? 'concat', 'fusion');
  const losses = (recipe.losses ?? ['cross-entropy']).map((use, i): LossChoice | undefined => {
    const { on = 'fused', weight = 1, ...rest } = typeof use === 'string' ? { use } : use;
    const spec = choose('loss', rest, 'losses', i);
    return spec === undefined ? undefined : { ...spec, on, weight };
  });
  const alignment = recipe.alignment === undefined || recipe.alignment === null ? null : choose('alignment', recipe.alignment, 'alignment');
  const alpha = recipe.alpha === undefined || recipe.alpha === null ? null : choose('alpha-scheduler', recipe.alpha, 'alpha');
  const training = problems.parse(trainingSchema, merge(trainingInput, recipe.training ?? {}), [...path, 'training']);
  if (problems.count > before) return undefined;
  return {
    id: row,
    recipe: recipeId,
    description: recipe.description,
    modalities: used,
    encoders,
    fusion: fusion!,
    losses: losses as LossChoice[],
    alignment: alignment ?? null,
    alpha: alpha ?? null,
    methods: methods as UseSpec[],
    training: training!,
  };
}

/** Asks the methods which modalities the run uses. */
function selectModalities(host: Host, methods: readonly (UseSpec | undefined)[], all: readonly string[]): readonly string[] {
  return methods.reduce<readonly string[]>((modalities, method) => {
    const { use, ...options } = method!;
    const instance = host.create('method', { use, options }, { modalities, featureSizes: {}, classes: 0, epochs: 0 });
    return instance.selectModalities?.(modalities) ?? modalities;
  }, all);
}
