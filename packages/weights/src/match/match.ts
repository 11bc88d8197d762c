import { EquimodalError, suggestion, type Problem, type WeightName } from '@equimodal/core';
import { fileShape, fromFile, LAYOUT_RANKS } from '../layout/layout.js';
import type { Weight, WeightFile } from '../safetensors/safetensors.js';

export interface MatchOptions {
  /** Stands before every name in the file. */
  readonly prefix?: string;
  /** Variables that stay as they were initialised. */
  readonly skip?: (path: string) => boolean;
}

/** Which variable is taken from where. */
export interface Match {
  readonly found: readonly WeightName[];
  /** Variables that stay as they were initialised: skipped, or without a name. */
  readonly fresh: readonly string[];
  /** Tensors of the file that nothing takes; counters that PyTorch keeps beside batch norm come last. */
  readonly unused: readonly string[];
}

/** How many names a message has before it only counts. */
export const NAMED = 10;

/** The first ten of some names, and how many more there are. */
export function firstNames(names: readonly string[]): string {
  return `${names.slice(0, NAMED).join(', ')}${names.length > NAMED ? ` and ${names.length - NAMED} more` : ''}`;
}

/**
 * Finds the variables of an encoder in a weight file. Only the header is looked at.
 *
 * @param variables shapes by path.
 * @throws EQM_WEIGHTS_MISMATCH naming every variable that is neither in the file with its shape nor skipped (ten, and a count);
 *   EQM_PLUGIN_FAULT for a name of a variable that the encoder does not have.
 */
export function matchWeights(
  file: Pick<WeightFile, 'path' | 'tensors'>,
  names: readonly WeightName[],
  variables: Readonly<Record<string, readonly number[]>>,
  { prefix = '', skip = () => false }: MatchOptions = {},
): Match {
  const found: WeightName[] = [];
  const problems: Problem[] = [];
  for (const name of names) {
    const { path, layout } = name;
    const shape = variables[path];
    if (shape === undefined || (LAYOUT_RANKS[layout] ?? shape.length) !== shape.length) throw wrongName(name, shape, variables);
    if (skip(path)) continue;
    const called = [name.tensor, ...(name.aliases ?? [])].map((each) => `${prefix}${each}`);
    const tensor = called.find((each) => file.tensors.has(each)) ?? called[0]!;
    const info = file.tensors.get(tensor);
    const expected = fileShape(shape, layout);
    if (info === undefined) {
      problems.push({ message: `${path}: there is no tensor "${tensor}"; ${suggestion(tensor, [...file.tensors.keys()])}` });
    } else if (info.shape.join() !== expected.join()) {
      problems.push({ message: `${path}: "${tensor}" is [${info.shape.join(', ')}], and [${expected.join(', ')}] is needed` });
    } else {
      found.push({ path, tensor, layout });
    }
  }
  if (problems.length > 0) {
    const all = `${problems.length} of ${names.length} variables are not in it`;
    throw new EquimodalError('EQM_WEIGHTS_MISMATCH', `the weight file does not fit the encoder: ${all}`, {
      where: file.path,
      ...fixOf(prefix, names, [...file.tensors.keys()]),
      problems: [...problems.slice(0, NAMED), ...(problems.length > NAMED ? [{ message: `and ${problems.length - NAMED} more` }] : [])],
    });
  }
  const [taken, loaded] = [new Set(found.map(({ tensor }) => tensor)), new Set(found.map(({ path }) => path))];
  const unused = [...file.tensors.keys()].filter((tensor) => !taken.has(tensor));
  const isCounter = (tensor: string): boolean => tensor.endsWith('num_batches_tracked');
  return {
    found,
    fresh: Object.keys(variables).filter((path) => !loaded.has(path)),
    unused: [...unused.filter((tensor) => !isCounter(tensor)), ...unused.filter(isCounter)],
  };
}

/** What to do where all that is wrong is a prefix. */
function fixOf(prefix: string, names: readonly WeightName[], tensors: readonly string[]): { fix?: string } {
  const first = names[0]?.tensor ?? '';
  const behind = tensors.filter((tensor) => tensor.endsWith(`.${first}`)).map((tensor) => tensor.slice(0, -first.length));
  const other = behind.find((candidate) => candidate !== prefix);
  return other === undefined ? {} : { fix: `Names in this file begin with "${other}": set prefix: "${other}" beside its name.` };
}

/** Reads what was found, one tensor at a time, in the layout it has here. */
export function* readMatch(file: WeightFile, { found }: Match): Generator<readonly [path: string, weight: Weight]> {
  for (const { path, tensor, layout } of found) yield [path, fromFile(file.read(tensor), layout)];
}

function wrongName(
  { path, layout }: WeightName,
  shape: readonly number[] | undefined,
  variables: Readonly<Record<string, readonly number[]>>,
): EquimodalError {
  const what =
    shape === undefined
      ? `names "${path}", which is no variable of it; ${suggestion(path, Object.keys(variables))}`
      : `gives "${path}" [${shape.join(', ')}] the layout ${layout}, which is for ${LAYOUT_RANKS[layout]} axes`;
  return new EquimodalError('EQM_PLUGIN_FAULT', `the encoder ${what}`, { where: path, fix: 'Mend `names` of the encoder.' });
}
