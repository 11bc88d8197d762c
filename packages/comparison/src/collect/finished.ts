import { existsSync } from 'node:fs';
import type { Json } from '@equimodal/core';
import { readJson, readPredictions, RunFolder, type Predictions, type RunMetrics } from '@equimodal/training';

/** A run that ended well, with what its folder holds. */
export interface FinishedRun {
  readonly seed: number;
  readonly dir: string;
  readonly manifest: Readonly<Record<string, Json>>;
  readonly metrics: RunMetrics;
  /** Null for runs of versions that kept none. */
  readonly predictions: Predictions | null;
}

/** The run in a folder, or null if there is none that ended well. */
export function finishedRun(dir: string, seed: number): FinishedRun | null {
  const folder = new RunFolder(dir);
  if (!existsSync(folder.manifest) || !existsSync(folder.metrics)) return null;
  const manifest = folder.readManifest();
  if (manifest['status'] !== 'completed' && manifest['status'] !== 'stopped') return null;
  const metrics = readJson(folder.metrics, 'EQM_RUN_MISSING') as unknown as RunMetrics;
  return { seed, dir, manifest, metrics, predictions: readPredictions(folder.predictions) };
}
