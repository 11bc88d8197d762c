import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { EquimodalError, RandomStream, type DatasetContext } from '@equimodal/core';
import { expect } from 'vitest';

/** Folder of the real data, from EQUIMODAL_DATA (relative paths count from the repository), or undefined. */
export const realData = ((): string | undefined => {
  const given = process.env['EQUIMODAL_DATA'];
  if (given === undefined || given === '') return undefined;
  const folder = resolve(import.meta.dirname, '../../..', given);
  return existsSync(folder) ? folder : undefined;
})();

/** What a dataset factory is given in tests. */
export function contextOf(dataRoot?: string, seed = 0): DatasetContext {
  return {
    dataRoot,
    baseDir: '.',
    random: new RandomStream(seed, '/data'),
    requireDataRoot: () => {
      if (dataRoot === undefined) throw new EquimodalError('EQM_DATA_ROOT', 'no data root');
      return dataRoot;
    },
  };
}

/** A new folder among the temporary files of the tests, which are removed after the last one. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'equimodal-datasets-'));
}

/** The EquimodalError that `act` throws or rejects with. */
export async function coded(act: () => unknown): Promise<EquimodalError> {
  try {
    await act();
  } catch (error) {
    if (error instanceof EquimodalError) return error;
    throw error;
  }
  expect.unreachable('expected an EquimodalError');
}

/** True when `act` gives a value or a malformed-data error; anything else it throws is passed on. */
export function survives(act: () => unknown): true {
  try {
    act();
  } catch (error) {
    if (!(error instanceof EquimodalError) || error.code !== 'EQM_DATA_MALFORMED') throw error;
    expect(error.where).toBeTruthy();
  }
  return true;
}

/** As `survives`, for what answers later. */
export async function survivesAsync(act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    survives(() => {
      throw error;
    });
  }
}
