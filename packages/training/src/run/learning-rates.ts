import { EquimodalError, suggestion, type Encoder, type RecipeConfig } from '@equimodal/core';
import { modalityOf } from '@equimodal/nn';

/** Factor on the learning rate of a parameter. */
export type RateOf = (path: string) => number;

/**
 * Factors on the learning rate by path, from `encoders.<modality>.learningRate` and `training.learningRates`. The longest
 * prefix that holds a parameter decides; of two equal ones, that of `training`. Layer k of n has scale layerDecay^(n - 1 - k).
 *
 * @param paths all trainable parameters of the run.
 * @param all the modalities of the dataset: a prefix may name one that the row does not use.
 * @returns undefined where every factor is 1.
 * @throws EQM_CONFIG_INVALID for a prefix that holds no parameter or is there twice; EQM_CONFIG_INCOMPATIBLE for a rate of an encoder that
 *   trains nothing, or layer decay of one that has no `layers`.
 */
export function learningRates(
  recipe: Pick<RecipeConfig, 'modalities' | 'encoders' | 'training'>,
  encoders: Readonly<Record<string, Encoder>>,
  paths: readonly string[],
  all: readonly string[],
): RateOf | undefined {
  const rules = new Map<string, number>();
  for (const modality of recipe.modalities)
    for (const [prefix, scale] of encoderRules(recipe, encoders, paths, modality)) rules.set(prefix, scale);
  const given = recipe.training.learningRates ?? [];
  for (const [i, { path, scale }] of given.entries()) {
    const where = `training.learningRates[${i}].path`;
    if (given.findIndex((other) => other.path === path) !== i) {
      throw new EquimodalError('EQM_CONFIG_INVALID', `the path "${path}" is there twice`, { where, fix: 'Remove one of the two.' });
    }
    if (!paths.some((one) => isBelow(one, path))) {
      const modality = modalityOf(path);
      if (modality !== undefined && all.includes(modality) && !recipe.modalities.includes(modality)) continue;
      throw new EquimodalError('EQM_CONFIG_INVALID', `no parameter is below "${path}"; ${suggestion(path, prefixesOf(paths))}`, {
        where,
        fix: "Name the beginning of parameters' paths; a rate for some rows only goes into `training` of those rows.",
      });
    }
    rules.set(path, scale);
  }
  if ([...rules.values()].every((scale) => scale === 1)) return undefined;
  const factors = new Map(paths.map((path) => [path, longest(rules, path)]));
  return (path) => factors.get(path) ?? 1;
}

function* encoderRules(
  recipe: Pick<RecipeConfig, 'encoders'>,
  encoders: Readonly<Record<string, Encoder>>,
  paths: readonly string[],
  modality: string,
): Generator<readonly [prefix: string, scale: number]> {
  const { use, learningRate } = recipe.encoders[modality]!;
  if (learningRate === undefined) return;
  const { scale, layerDecay } = learningRate;
  const root = `encoders/${modality}`;
  const refuse = (what: string): EquimodalError =>
    new EquimodalError('EQM_CONFIG_INCOMPATIBLE', `encoder "${use}" ${what}`, { where: `encoders.${modality}.learningRate` });
  if (!paths.some((path) => isBelow(path, root))) throw refuse('has no parameters that are trained, so a learning rate means nothing');
  yield [root, scale];
  if (layerDecay === undefined) return;
  const { layers } = encoders[modality]!;
  if (layers === undefined) throw refuse('does not say what its layers are, so there is no layerDecay');
  for (const [k, prefixes] of layers.entries()) {
    for (const prefix of prefixes) yield [`${root}/${prefix}`, scale * layerDecay ** (layers.length - 1 - k)];
  }
}

const isBelow = (path: string, prefix: string): boolean => path === prefix || path.startsWith(`${prefix}/`);

function longest(rules: ReadonlyMap<string, number>, path: string): number {
  for (let prefix = path; prefix !== ''; prefix = prefix.slice(0, Math.max(0, prefix.lastIndexOf('/')))) {
    const scale = rules.get(prefix);
    if (scale !== undefined) return scale;
  }
  return 1;
}

/** Everything that could stand as a prefix. */
function prefixesOf(paths: readonly string[]): string[] {
  return [...new Set(paths.flatMap((path) => path.split('/').map((_, i, parts) => parts.slice(0, i + 1).join('/'))))];
}
