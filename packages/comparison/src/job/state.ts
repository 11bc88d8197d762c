import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ERROR_CODES, EquimodalError, type ErrorCode, type Json } from '@equimodal/core';
import type { RunFolder } from '@equimodal/training';

/** Causes that lie outside of a run: it is worth going on from its checkpoint. */
const OUTSIDE = /^EQM_(RUN|OUT_OF_MEMORY|DISK|DATA|ENGINE|CHECKPOINT|WEIGHTS|REPORT)/;

/**
 * What a folder says of a run: nothing; `finished`; `unfinished`, to be continued (it was interrupted or killed, or what stopped it lay
 * outside); `failed` by its own doing, so that it would fail again.
 */
export type RunState = 'none' | 'unfinished' | 'failed' | 'finished';

export function stateOf(manifest: Readonly<Record<string, Json>> | undefined): RunState {
  // Without a configuration it never began: its process ended while it loaded.
  if (manifest === undefined || manifest['config'] === undefined) return 'none';
  const { status } = manifest;
  if (status === 'completed' || status === 'stopped') return 'finished';
  return status === 'failed' && !OUTSIDE.test(failureIn(manifest).code) ? 'failed' : 'unfinished';
}

/** The run's manifest, if it has one. */
export function manifestOf(folder: RunFolder): Record<string, Json> | undefined {
  return folder.exists() ? folder.readManifest() : undefined;
}

/** The failure that a manifest records. */
function failureIn(manifest: Readonly<Record<string, Json>>): { code: string; message: string; where: string | null } {
  const error = (manifest['error'] ?? {}) as { code?: string; message?: string; where?: string | null };
  return { code: error.code ?? 'EQM_INTERNAL', message: error.message ?? 'it failed', where: error.where ?? null };
}

/** The error of an earlier try, which stands. */
export function earlierFailure(manifest: Readonly<Record<string, Json>>): EquimodalError {
  const { code, message, where } = failureIn(manifest);
  return new EquimodalError(
    code in ERROR_CODES ? (code as ErrorCode) : 'EQM_INTERNAL',
    `${message} (an earlier try; --retry-failed tries again)`,
    {
      ...(where === null ? {} : { where }),
    },
  );
}

/** Removes what a process left half-written when it was killed. */
export function removePartials(folder: RunFolder): void {
  for (const dir of [folder.dir, join(folder.dir, 'checkpoints')]) {
    let names: string[] = [];
    try {
      names = readdirSync(dir);
    } catch {
      // There is none.
    }
    for (const name of names) if (name.endsWith('.partial')) rmSync(join(dir, name), { force: true });
  }
}
