import { RandomStream, type BatchArrays, type Condition, type ModalitySpec, type Split } from '@equimodal/core';

type Values = Float32Array | Int32Array;

/** A modality and what stands for it where it is absent: one row, or null for zeros. */
export interface ConditionedModality extends ModalitySpec {
  readonly absent: Float32Array | null;
}

/** A split as it is under a condition. */
export function conditioned(split: Split, modalities: readonly ConditionedModality[], { present, noise = {} }: Condition): Split {
  return {
    size: split.size,
    labels: split.labels,
    readsAhead: split.readsAhead === true,
    async read(rows, random, names): Promise<BatchArrays> {
      const arrays = { ...(await split.read(rows, random, names)) };
      for (const modality of modalities) {
        const { name } = modality;
        const values = arrays[name];
        if (values === undefined) continue;
        const level = noise[name] ?? 0;
        if (present !== undefined && !present.includes(name)) arrays[name] = absentValues(values, modality.absent);
        else if (level > 0) arrays[name] = noisy(values, rows, modality, level);
      }
      return arrays;
    },
  };
}

function absentValues(values: Values, row: Float32Array | null): Values {
  if (row === null) return values instanceof Int32Array ? new Int32Array(values.length) : new Float32Array(values.length);
  const out = new Float32Array(values.length);
  for (let at = 0; at < out.length; at += row.length) out.set(row, at);
  return out;
}

function noisy(values: Values, rows: Int32Array, { name, kind }: ModalitySpec, level: number): Values {
  const width = values.length / rows.length;
  const stream = new RandomStream(0, `noise/${name}`);
  const out = values.slice();
  for (const [i, row] of rows.entries()) {
    const random = stream.at(row);
    const own = out.subarray(i * width, (i + 1) * width);
    if (kind === 'tokens') for (let k = 0; k < width; k++) own[k] = random.uniform() < level ? 0 : own[k]!;
    else addNoise(own, level * deviation(own), random);
  }
  return out;
}

/**
 * Adds a window of one long row of normal numbers, which begins anywhere in it: a curve of noise takes as many passes as it has points, and
 * drawing every number again would take longer than the passes.
 */
function addNoise(values: Values, scale: number, random: RandomStream): void {
  const normals = noiseRow();
  let at = random.integer(normals.length);
  for (let k = 0; k < values.length; k++) {
    values[k]! += scale * normals[at]!;
    if (++at === normals.length) at = 0;
  }
}

/** Standard normal numbers, the same in every process. */
const NOISE_ROW = 1 << 20;
let drawn: Float32Array | undefined;

function noiseRow(): Float32Array {
  if (drawn === undefined) {
    const random = new RandomStream(0, 'noise');
    drawn = Float32Array.from({ length: NOISE_ROW }, () => random.normal());
  }
  return drawn;
}

function deviation(values: Values): number {
  let [sum, squares] = [0, 0];
  for (const value of values) sum += value;
  const mean = sum / values.length;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / values.length);
}

/** The same text for conditions that show a model the same. */
export function conditionKey({ present, noise = {} }: Condition, modalities: readonly string[]): string {
  const shown = modalities.filter((name) => present?.includes(name) ?? true);
  return JSON.stringify(shown.map((name) => [name, noise[name] ?? 0]));
}
