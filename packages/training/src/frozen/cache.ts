import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, type Tree } from '@equimodal/core';
import { cacheFolder } from '@equimodal/engine';
import { bytesOf, WeightFile, writeWeights, type Weight } from '@equimodal/weights';
import type { FeatureTables } from './precomputed.js';

/** Folder of the kept features, inside the cache folder of the engine (`EQUIMODAL_CACHE`). */
export const featureFolder = (): string => join(cacheFolder(), 'features');

/** The file that belongs to a description of data, encoder and weights. */
export function featureFile(about: unknown): string {
  const key = createHash('sha256').update(JSON.stringify(about)).digest('hex');
  return join(featureFolder(), `${key.slice(0, 40)}.safetensors`);
}

/** SHA-256 of variables: paths, shapes and values. */
export function hashVariables(tree: Tree): string {
  const hash = createHash('sha256');
  for (const path of Object.keys(tree).sort()) {
    const leaf = tree[path]!;
    hash.update(`${path} ${leaf.dtype} ${leaf.shape.join()}\n`).update(bytesOf(leaf.dataSync() as Float32Array | Int32Array));
  }
  return hash.digest('hex');
}

/**
 * Reads kept features.
 *
 * @param sizes rows by split.
 * @returns null if there are none, or why they cannot be used.
 */
export function readFeatures(
  path: string,
  sizes: Readonly<Record<string, number>>,
  featureSize: number,
): FeatureTables | { readonly damaged: string } | null {
  if (!existsSync(path)) return null;
  try {
    const file = WeightFile.open(path);
    try {
      const read = (name: string, rows: number): Float32Array => {
        const { shape, values } = file.read(name);
        if (shape.join() !== `${rows},${featureSize}` || values instanceof Int32Array)
          throw new Error(`"${name}" is [${shape.join(', ')}]`);
        return values;
      };
      const splits = Object.fromEntries(Object.entries(sizes).map(([name, rows]) => [name, read(name, rows)]));
      const tables = { featureSize, splits, absent: read('absent', 1) };
      if (file.metadata['sha256'] !== digest(tables)) return { damaged: 'their checksum does not match' };
      return tables;
    } finally {
      file.close();
    }
  } catch (error) {
    return { damaged: messageOf(error) };
  }
}

/** Keeps features; written beside the place and renamed. Returns why they could not be kept, if so. */
export function keepFeatures(path: string, tables: FeatureTables, about: unknown): string | undefined {
  const { featureSize, splits, absent } = tables;
  const table = (values: Float32Array): Weight => ({ shape: [values.length / featureSize, featureSize], values });
  const tensors = Object.fromEntries(
    [...Object.entries(splits), ['absent', absent] as const].map(([name, values]) => [name, table(values)]),
  );
  try {
    writeWeights(path, tensors, { sha256: digest(tables), about: JSON.stringify(about) });
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function digest({ splits, absent }: FeatureTables): string {
  const hash = createHash('sha256');
  for (const name of Object.keys(splits).sort()) hash.update(`${name}\n`).update(bytesOf(splits[name]!));
  return hash.update('absent\n').update(bytesOf(absent)).digest('hex');
}
