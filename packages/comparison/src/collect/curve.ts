import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json, Numbers, SplitMetrics } from '@equimodal/core';
import type { RunCurve } from '../results/results.js';
import type { FinishedRun } from './finished.js';

type Epoch = RunCurve['epochs'][number];

/** How a run went, from its signals; no epochs where it kept none. */
export function curveOf(recipe: string, { seed, dir, manifest }: FinishedRun): RunCurve {
  const hasAlpha = (manifest['recipe'] as { alpha?: Json } | undefined)?.alpha != null;
  const file = join(dir, 'signals.jsonl');
  const epochs: Epoch[] = [];
  let alpha: number | null = null;
  let gradientNorm: Numbers = {};
  let initial: RunCurve['initial'] = null;
  for (const line of existsSync(file) ? epochLines(readFileSync(file)) : []) {
    const signal = JSON.parse(line) as { readonly type: string };
    if (signal.type === 'epoch.started') {
      alpha = hasAlpha ? (signal as unknown as { alpha: number }).alpha : null;
      gradientNorm = {};
    } else if (signal.type === 'initial.scored') {
      initial = judged((signal as unknown as { validation: SplitMetrics }).validation);
    } else if (signal.type === 'gradients.measured') {
      if (Object.keys(gradientNorm).length === 0) gradientNorm = (signal as unknown as { norm: Numbers }).norm;
    } else {
      epochs.push(epochOf(signal as unknown as Completed, alpha, gradientNorm));
    }
  }
  return { recipe, seed, initial, epochs };
}

interface Completed {
  readonly epoch: number;
  readonly trainLoss: number;
  readonly losses?: Numbers;
  readonly validation: SplitMetrics | null;
}

function epochOf({ epoch, trainLoss, losses = {}, validation }: Completed, alpha: number | null, gradientNorm: Numbers): Epoch {
  return { epoch, alpha, trainLoss, losses, gradientNorm, ...judged(validation) };
}

function judged(validation: SplitMetrics | null): NonNullable<RunCurve['initial']> {
  const perModality = Object.fromEntries(
    Object.entries(validation?.perModality ?? {}).flatMap(([name, own]) =>
      own['accuracy'] === undefined ? [] : [[name, own['accuracy']]],
    ),
  );
  return { validationAccuracy: validation?.accuracy ?? null, modalityGap: validation?.modalityGap ?? null, perModality };
}

const HEADS = ['initial.scored', 'epoch.started', 'epoch.completed', 'gradients.measured'].map((type) => Buffer.from(`{"type":"${type}"`));
const NEWLINE = 10;

/** The lines of a signals file that are about epochs. A file has a line for every step, most of which are never made text. */
function epochLines(bytes: Buffer): string[] {
  const lines: string[] = [];
  for (let from = 0; from < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, from);
    // A last line without an end was cut off.
    if (newline < 0) break;
    if (HEADS.some((head) => bytes.compare(head, 0, head.length, from, Math.min(newline, from + head.length)) === 0)) {
      lines.push(bytes.toString('utf8', from, newline));
    }
    from = newline + 1;
  }
  return lines;
}
