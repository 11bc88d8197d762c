import { createHash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { EquimodalError, type Bundle, type Json } from '@equimodal/core';

/** A checkpoint: trees of tensors by name, and JSON beside them. */
export interface Checkpoint {
  readonly trees: Bundle;
  readonly meta: Json;
}

interface HeaderEntry {
  readonly dtype: 'F32' | 'I32' | 'BOOL';
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const DTYPES = { float32: 'F32', int32: 'I32' } as const;

/**
 * Writes a checkpoint in the safetensors format: tensor names are `<tree>/<path>`, the JSON and a SHA-256
 * over the table of tensors, JSON and data stand in `__metadata__`. Written beside the file, flushed, then renamed over it, so a
 * crash leaves either the old or the new checkpoint.
 */
export function writeCheckpoint(file: string, checkpoint: Checkpoint): void {
  const header: Record<string, unknown> = {};
  const parts: Buffer[] = [];
  let at = 0;
  for (const [tree, leaves] of Object.entries(checkpoint.trees)) {
    for (const [path, leaf] of Object.entries(leaves)) {
      const dtype = DTYPES[leaf.dtype as keyof typeof DTYPES];
      if (dtype === undefined)
        throw new EquimodalError('EQM_PLUGIN_FAULT', `"${tree}/${path}" is ${leaf.dtype}; checkpoints hold float32 and int32`, {
          where: `${tree}/${path}`,
        });
      const values = leaf.dataSync();
      const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
      header[`${tree}/${path}`] = { dtype, shape: leaf.shape, data_offsets: [at, at + bytes.length] } satisfies HeaderEntry;
      parts.push(Buffer.from(bytes));
      at += bytes.length;
    }
  }
  const meta = JSON.stringify(checkpoint.meta);
  const data = Buffer.concat(parts);
  header['__metadata__'] = { format: 'equimodal-checkpoint-1', meta, sha256: digest(JSON.stringify(header), meta, data) };
  let text = JSON.stringify(header);
  text += ' '.repeat((8 - (Buffer.byteLength(text) % 8)) % 8);
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(Buffer.byteLength(text)));

  mkdirSync(dirname(file), { recursive: true });
  const partial = `${file}.partial`;
  const fd = openSync(partial, 'w');
  try {
    for (const chunk of [size, Buffer.from(text), data]) writeSync(fd, chunk);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(partial, file);
}

/**
 * Reads a checkpoint back. The caller owns the tensors.
 *
 * @throws EquimodalError EQM_CHECKPOINT_CORRUPT naming the file, if it is truncated, changed or of another format.
 */
export function readCheckpoint(file: string): Checkpoint {
  const bytes = readFileSync(file);
  const corrupt = (what: string, cause?: unknown): EquimodalError =>
    new EquimodalError('EQM_CHECKPOINT_CORRUPT', `the checkpoint is corrupt: ${what}`, { where: file, cause });
  if (bytes.length < 8) throw corrupt('it is shorter than its header');
  const size = Number(bytes.readBigUInt64LE(0));
  if (size > bytes.length - 8) throw corrupt('its header is truncated');
  let header: Record<string, HeaderEntry>;
  let own: { format?: string; meta?: string; sha256?: string };
  try {
    const parsed = JSON.parse(bytes.toString('utf8', 8, 8 + size)) as Record<string, unknown>;
    own = (parsed['__metadata__'] ?? {}) as typeof own;
    delete parsed['__metadata__'];
    header = parsed as Record<string, HeaderEntry>;
  } catch (error) {
    throw corrupt('its header is not JSON', error);
  }
  if (own.format !== 'equimodal-checkpoint-1' || own.meta === undefined) throw corrupt('it was not written by this program');
  const data = bytes.subarray(8 + size);
  if (digest(JSON.stringify(header), own.meta, data) !== own.sha256) throw corrupt('its checksum does not match its content');

  const trees: Record<string, Record<string, tf.Tensor>> = {};
  for (const [
    name,
    {
      dtype,
      shape,
      data_offsets: [start, end],
    },
  ] of Object.entries(header)) {
    const slash = name.indexOf('/');
    // A copy, so that the typed array is aligned.
    const buffer = data.buffer.slice(data.byteOffset + start, data.byteOffset + end);
    const leaf =
      dtype === 'I32' ? tf.tensor(new Int32Array(buffer), [...shape], 'int32') : tf.tensor(new Float32Array(buffer), [...shape], 'float32');
    (trees[name.slice(0, slash)] ??= {})[name.slice(slash + 1)] = leaf;
  }
  return { trees, meta: JSON.parse(own.meta) as Json };
}

export function hasCheckpoint(file: string): boolean {
  return existsSync(file);
}

/** Over the table of tensors, the JSON and the data. */
function digest(table: string, meta: string, data: Buffer): string {
  return createHash('sha256').update(table).update('\0').update(meta).update('\0').update(data).digest('hex');
}
