import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EquimodalError, encoderChain, type EncoderChoice, type Host, type Pretrained, type RecipeConfig } from '@equimodal/core';
import { sha256OfFile } from '@equimodal/weights';

/** Where relative paths of weight files are looked for, in this order. */
export interface WeightPlaces {
  /** Folder of the experiment file. */
  readonly baseDir: string;
  readonly dataRoot?: string | undefined;
}

/** The absolute path of a weight file. @throws EQM_WEIGHTS_MISSING listing the places. */
export function locateWeights(file: string, { baseDir, dataRoot }: WeightPlaces): string {
  const places = [resolve(baseDir, file), ...(dataRoot === undefined ? [] : [resolve(join(dataRoot, file))])];
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return found;
  throw new EquimodalError('EQM_WEIGHTS_MISSING', `there is no weight file "${file}"`, {
    where: file,
    problems: [...new Set(places)].map((place) => ({ message: `looked for ${place}` })),
  });
}

/** The weights that an encoder starts from: those of the innermost one. */
export function pretrainedOf(host: Host, choice: EncoderChoice): Pretrained | undefined {
  return encoderChain(host, choice).at(-1)!.pretrained;
}

/**
 * A row with the SHA-256 of every weight file it names, so that what identifies a run covers their content.
 *
 * @throws EQM_WEIGHTS_MISSING; EQM_WEIGHTS_MISMATCH if a checksum is given and the file has another.
 */
export function pinWeights(host: Host, recipe: RecipeConfig, places: WeightPlaces): RecipeConfig {
  const encoders = Object.fromEntries(
    Object.entries(recipe.encoders).map(([modality, choice]) => [modality, pinChoice(encoderChain(host, choice), places)]),
  );
  return { ...recipe, encoders };
}

/** @param chain from outside to inside; each is an option of the one before. */
function pinChoice([choice, ...inside]: readonly EncoderChoice[], places: WeightPlaces): EncoderChoice {
  if (inside.length > 0) {
    const key = Object.keys(choice!).find((name) => choice![name] === inside[0])!;
    return { ...choice!, [key]: pinChoice(inside, places) };
  }
  const { pretrained } = choice!;
  if (pretrained === undefined) return choice!;
  const path = locateWeights(pretrained.file, places);
  return { ...choice!, pretrained: { ...pretrained, sha256: checkPinned(path, pretrained) } };
}

/** The checksum of a file. @throws EQM_WEIGHTS_MISMATCH if another one is asked for. */
export function checkPinned(path: string, { sha256: wanted }: Pretrained): string {
  const sha256 = checksum(path);
  if (wanted === undefined || wanted === sha256) return sha256;
  throw new EquimodalError('EQM_WEIGHTS_MISMATCH', `the weight file is another one: its SHA-256 is ${sha256}, not ${wanted}`, {
    where: path,
    fix: 'Restore the file, or change `sha256`.',
  });
}

/** A file that has not changed is read once a process. */
const known = new Map<string, string>();

function checksum(path: string): string {
  const { size, mtimeMs } = statSync(path);
  const key = `${path}\0${size}\0${mtimeMs}`;
  let sha256 = known.get(key);
  if (sha256 === undefined) known.set(key, (sha256 = sha256OfFile(path)));
  return sha256;
}
