import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EquimodalError } from '@equimodal/core';
import { readJson, writeJson } from '@equimodal/training';
import { z } from 'zod';
import type { SweepResults } from '../results/sweep.js';

const schema = z.object({
  search: z.enum(['grid', 'random', 'halton']),
  seed: z.number(),
  seeds: z.array(z.number()),
  metric: z.string(),
  goal: z.enum(['max', 'min']),
  equalBudget: z.boolean(),
  rows: z.array(
    z.object({
      recipe: z.string(),
      space: z.record(z.string(), z.unknown()),
      trials: z.array(z.object({ point: z.record(z.string(), z.unknown()), value: z.number().nullable(), failure: z.string().nullable() })),
      chosen: z.number().nullable(),
    }),
  ),
});

const fileOf = (experimentDir: string): string => join(experimentDir, 'search', 'search.json');

/** Keeps what a search tried and chose beside its trials. */
export function writeSearch(experimentDir: string, results: SweepResults): void {
  writeJson(fileOf(experimentDir), results);
}

/**
 * The search that chose the settings of an experiment's rows; undefined where there was none.
 *
 * @throws EQM_RUN_MISSING for a file that no search wrote.
 */
export function readSearch(experimentDir: string): SweepResults | undefined {
  const file = fileOf(experimentDir);
  if (!existsSync(file)) return undefined;
  const found = schema.safeParse(readJson(file, 'EQM_RUN_MISSING'));
  if (found.success) return found.data as SweepResults;
  throw new EquimodalError('EQM_RUN_MISSING', 'search.json does not say what was tried and chosen', {
    where: file,
    fix: 'Run the comparison again with --resume, which writes it anew.',
  });
}
