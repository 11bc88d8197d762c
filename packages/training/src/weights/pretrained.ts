import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { EquimodalError, suggestion, type Encoder, type Pretrained, type Variables } from '@equimodal/core';
import { globMatcher, mapTree } from '@equimodal/nn';
import { firstNames, matchWeights, readMatch, WeightFile } from '@equimodal/weights';
import { checkPinned, locateWeights, type WeightPlaces } from './places.js';

/** What was taken from a weight file; `pretrained` in run.json. */
export interface PretrainedReport {
  readonly modality: string;
  readonly file: string;
  readonly sha256: string;
  /** Variables that were loaded. */
  readonly loaded: number;
  /** Variables that stay as they were initialised, and tensors of the file that nothing takes. */
  readonly fresh: readonly string[];
  readonly unused: readonly string[];
}

/** One encoder and the weights it is to start from. */
export interface PretrainedEncoder {
  readonly modality: string;
  /** Its id, for messages. */
  readonly use: string;
  readonly encoder: Encoder;
  readonly pretrained: Pretrained;
}

/**
 * Puts published weights in the place of an encoder's initial variables; replaced leaves are disposed.
 *
 * @throws EQM_CONFIG_INCOMPATIBLE for an encoder without `names`, EQM_CONFIG_INVALID for a `skip` that fits no variable,
 *   EQM_WEIGHTS_MISSING, EQM_WEIGHTS_MALFORMED, EQM_WEIGHTS_MISMATCH.
 */
export function loadPretrained(
  { modality, use, encoder, pretrained }: PretrainedEncoder,
  { params, state }: Variables,
  places: WeightPlaces,
): { readonly variables: Variables; readonly report: PretrainedReport } {
  const where = `encoders.${modality}.pretrained`;
  if (encoder.names === undefined) {
    throw new EquimodalError('EQM_CONFIG_INCOMPATIBLE', `encoder "${use}" does not say what its variables are called in weight files`, {
      where,
      fix: 'Leave `pretrained` out, or choose an encoder that declares `names`.',
    });
  }
  const shapes = Object.fromEntries(Object.entries({ ...params, ...state }).map(([path, { shape }]) => [path, shape]));
  const skips = pretrained.skip.map((pattern) => skipOf(pattern, Object.keys(shapes), where));
  const path = locateWeights(pretrained.file, places);
  checkPinned(path, pretrained);
  const file = WeightFile.open(path);
  const loaded = new Map<string, Tensor>();
  try {
    const match = matchWeights(file, encoder.names, shapes, {
      prefix: pretrained.prefix,
      skip: (path) => skips.some((skip) => skip(path)),
    });
    for (const [path, { values }] of readMatch(file, match)) {
      const old = (params[path] ?? state[path])!;
      const numbers = old.dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values);
      loaded.set(path, tf.tensor(numbers, old.shape, old.dtype));
      old.dispose();
    }
    const take = (leaf: Tensor, path: string): Tensor => loaded.get(path) ?? leaf;
    return {
      variables: { params: mapTree(params, take), state: mapTree(state, take) },
      report: {
        ...{ modality, file: pretrained.file, sha256: pretrained.sha256 ?? '' },
        ...{ loaded: match.found.length, fresh: match.fresh, unused: match.unused },
      },
    };
  } catch (error) {
    for (const leaf of loaded.values()) leaf.dispose();
    throw error;
  } finally {
    file.close();
  }
}

/** A glob, or the prefix of paths. */
function skipOf(pattern: string, paths: readonly string[], where: string): (path: string) => boolean {
  const glob = globMatcher(pattern);
  const skip = (path: string): boolean => glob(path) || path.startsWith(`${pattern}/`);
  if (paths.some(skip)) return skip;
  throw new EquimodalError('EQM_CONFIG_INVALID', `"skip" has "${pattern}", which is no variable; ${suggestion(pattern, paths)}`, {
    where: `${where}.skip`,
    fix: 'Name a variable, the beginning of its path, or a glob.',
  });
}

/** What a reader of the run should know of a loaded file; nothing if everything found its place. */
export function pretrainedWarnings({ modality, file, fresh, unused }: PretrainedReport): string[] {
  const about = `"${file}" for modality "${modality}"`;
  return [
    ...(unused.length === 0 ? [] : [`${about}: ${unused.length} tensors are not used: ${firstNames(unused)}`]),
    ...(fresh.length === 0 ? [] : [`${about}: ${fresh.length} variables stay freshly initialised: ${firstNames(fresh)}`]),
  ];
}
