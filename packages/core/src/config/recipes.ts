import type { Host } from '../plugin/host.js';
import { suggestion } from '../text/suggest.js';
import type { EncoderChoice } from './encoder.js';
import type { AlignmentChoice, ExperimentChoices, LossChoice, RecipeConfig } from './experiment.js';
import type { Problems } from './problems.js';
import { trainingSchema, type ExperimentInput, type RecipeInput, type UseInput } from './schema.js';
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

/** A row, where it was written, and how it would be with other settings laid over it. */
export interface ExpandedRow {
  readonly config: RecipeConfig;
  readonly path: ConfigPath;
  readonly changed: (overrides: readonly Overrides[]) => RecipeConfig | undefined;
}

/** Settings of a row as nested maps; `encoders.default` for modalities without an encoder of their own. */
type Overrides = Readonly<Record<string, unknown>>;

/** Turns the `recipes` of an experiment into rows: recipes looked up, changes merged in, `expand` carried out. */
export function expandRecipes(expansion: Expansion): ExpandedRow[] {
  const entries = selectEntries(expansion, collectEntries(expansion));
  return entries.flatMap((entry) => {
    const rows = entry.recipe.expand === 'modality' ? perModality(entry, expansion.modalities) : [entry];
    return rows
      .filter((row) => isWanted(row, entry, expansion.choices))
      .flatMap((row) => {
        const config = resolveRow(expansion, row, entry.recipe.id);
        const changed = (overrides: readonly Overrides[]) => resolveRow(expansion, row, entry.recipe.id, overrides);
        return config === undefined ? [] : [{ config, path: entry.path, changed }];
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
  overrides: readonly Overrides[] = [],
): RecipeConfig | undefined {
  const { path, row } = entry;
  const recipe = overrides.length === 0 ? entry.recipe : changedRecipe(entry.recipe, overrides);
  const over = (modality: string, use: UseInput): UseInput =>
    overrides.reduce<UseInput>(
      (below, { encoders: above }) => merge(below, (above as Overrides | undefined)?.[modality] ?? {}) as UseInput,
      use,
    );
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
    const own = encoderInputs[modality];
    const shared = encoderInputs['default'];
    const use = own ?? (shared === undefined ? undefined : over('default', shared));
    if (use === undefined) {
      problems.add(['encoders'], `no encoder for modality "${modality}"; name one under "encoders.${modality}" or "encoders.default"`);
      continue;
    }
    const at: ConfigPath =
      recipe.encoders?.[modality] === undefined
        ? ['encoders', input.encoders[modality] === undefined ? 'default' : modality]
        : [...path, 'encoders', modality];
    const spec = chooseIn(host, problems, 'encoder', over(modality, use), at);
    if (spec !== undefined) encoders[modality] = spec;
  }
  const fusion = choose('fusion', recipe.fusion ?? 'concat', 'fusion');
  const losses = (recipe.losses ?? ['cross-entropy']).map((use, i): LossChoice | undefined => {
    const { on = 'fused', weight = 1, ...rest } = typeof use === 'string' ? { use } : use;
    const spec = choose('loss', rest, 'losses', i);
    return spec === undefined ? undefined : { ...spec, on, weight };
  });
  const alignment = recipe.alignment == null ? null : chooseAlignment(choose, recipe.alignment);
  const alpha = recipe.alpha === undefined || recipe.alpha === null ? null : choose('alpha-scheduler', recipe.alpha, 'alpha');
  const written = problems.parse(trainingSchema, merge(trainingInput, recipe.training ?? {}), [...path, 'training']);
  const changes = overrides.flatMap(({ training: change }) => (change === undefined ? [] : [change]));
  // Laid over what is there after defaults, so that a path may lead into a part that the file does not write.
  const training = changes.length === 0 ? written : problems.parse(trainingSchema, changes.reduce(merge, written), [...path, 'training']);
  if (problems.count > before) return undefined;
  return {
    id: row,
    recipe: recipeId,
    description: recipe.description,
    modalities: used,
    encoders,
    fusion: fusion!,
    losses: losses as LossChoice[],
    alignment,
    alpha: alpha ?? null,
    methods: methods as UseSpec[],
    training: training!,
  };
}

function chooseAlignment(
  choose: (kind: 'alignment', use: UseInput, at: string) => UseSpec | undefined,
  input: UseInput & { readonly weight?: number | undefined },
): AlignmentChoice | null {
  const { weight = 1, ...rest } = typeof input === 'string' ? { use: input as string } : input;
  const spec = choose('alignment', rest, 'alignment');
  return spec === undefined ? null : { ...spec, weight };
}

/** Lays settings over a recipe; those of encoders and training are laid over what holds for all rows, later. */
function changedRecipe(recipe: RecipeInput, overrides: readonly Overrides[]): RecipeInput {
  const whole = { fusion: 'concat', losses: ['cross-entropy'], ...recipe };
  return overrides.reduce<RecipeInput>(
    (below, { encoders: _encoders, training: _training, ...above }) => merge(below, above) as RecipeInput,
    whole,
  );
}

/** Asks the methods which modalities the run uses. */
function selectModalities(host: Host, methods: readonly (UseSpec | undefined)[], all: readonly string[]): readonly string[] {
  return methods.reduce<readonly string[]>((modalities, method) => {
    const { use, ...options } = method!;
    const instance = host.create('method', { use, options }, { modalities, featureSizes: {}, classes: 0, epochs: 0 });
    return instance.selectModalities?.(modalities) ?? modalities;
  }, all);
}
