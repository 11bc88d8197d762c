import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { EquimodalError, type Bundle, type Json } from '@equimodal/core';
import { bytesOf, WeightFile, writeWeights, type Weight } from '@equimodal/weights';

/** A checkpoint: trees of tensors by name, and JSON beside them. */
export interface Checkpoint {
  readonly trees: Bundle;
  readonly meta: Json;
}

const FORMAT = 'equimodal-checkpoint-2';

/**
 * Writes a checkpoint in the safetensors format: tensor names are `<tree>/<path>`; the JSON, and a SHA-256 over names, shapes,
 * JSON and numbers, stand in `__metadata__`. A crash leaves either the old or the new checkpoint.
 *
 * @throws EQM_PLUGIN_FAULT for a tensor that is neither float32 nor int32.
 */
export function writeCheckpoint(file: string, checkpoint: Checkpoint): void {
  const weights: Record<string, Weight> = {};
  for (const [tree, leaves] of Object.entries(checkpoint.trees)) {
    if (tree.includes('/')) throw new Error(`a tree of a checkpoint cannot be called "${tree}": the first slash ends its name`);
    for (const [path, leaf] of Object.entries(leaves)) weights[`${tree}/${path}`] = weightOf(leaf, `${tree}/${path}`);
  }
  const meta = JSON.stringify(checkpoint.meta);
  writeWeights(file, weights, { format: FORMAT, meta, sha256: digest(weights, meta) });
}

function weightOf(leaf: Tensor, where: string): Weight {
  if (leaf.dtype !== 'float32' && leaf.dtype !== 'int32') {
    throw new EquimodalError('EQM_PLUGIN_FAULT', `"${where}" is ${leaf.dtype}; checkpoints hold float32 and int32`, { where });
  }
  return { shape: leaf.shape, values: leaf.dataSync() as Float32Array | Int32Array };
}

/**
 * Reads a checkpoint back. The caller owns the tensors.
 *
 * @throws EQM_CHECKPOINT_CORRUPT naming the file, if it is truncated, changed or of another format.
 */
export function readCheckpoint(file: string): Checkpoint {
  const corrupt = (what: string, cause?: unknown): EquimodalError =>
    new EquimodalError('EQM_CHECKPOINT_CORRUPT', `the checkpoint is corrupt: ${what}`, { where: file, cause });
  const { metadata, weights } = readAll(file, corrupt);
  const { format, meta, sha256 } = metadata;
  if (format !== FORMAT || meta === undefined) throw corrupt('it was not written by this version of the program');
  if (digest(weights, meta) !== sha256) throw corrupt('its checksum does not match its content');

  const trees: Record<string, Record<string, Tensor>> = {};
  for (const [name, { shape, values }] of Object.entries(weights)) {
    const slash = name.indexOf('/');
    const leaf = tf.tensor(values, [...shape], values instanceof Int32Array ? 'int32' : 'float32');
    (trees[name.slice(0, slash)] ??= {})[name.slice(slash + 1)] = leaf;
  }
  return { trees, meta: JSON.parse(meta) as Json };
}

function readAll(file: string, corrupt: (what: string, cause?: unknown) => EquimodalError) {
  let opened: WeightFile | undefined;
  try {
    opened = WeightFile.open(file);
    const weights: Record<string, Weight> = {};
    for (const name of opened.tensors.keys()) weights[name] = opened.read(name);
    return { metadata: opened.metadata, weights };
  } catch (error) {
    throw error instanceof EquimodalError ? corrupt(error.message, error) : error;
  } finally {
    opened?.close();
  }
}

export function hasCheckpoint(file: string): boolean {
  return existsSync(file);
}

/** Over names, types, shapes, the JSON and the numbers. */
function digest(weights: Readonly<Record<string, Weight>>, meta: string): string {
  const hash = createHash('sha256').update(meta);
  for (const [name, { shape, values }] of Object.entries(weights)) {
    hash.update(`\0${name} ${values instanceof Int32Array ? 'int32' : 'float32'} ${shape.join(' ')}\0`).update(bytesOf(values));
  }
  return hash.digest('hex');
}
