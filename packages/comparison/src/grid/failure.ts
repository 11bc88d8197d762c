import { EquimodalError, isDiskFull, isOutOfMemory, messageOf, type ErrorCode } from '@equimodal/core';

/** Why a run did not finish, as it is stored, sent between processes and shown. */
export interface GridFailure {
  readonly code: ErrorCode;
  readonly message: string;
  /** What the command line prints. */
  readonly text: string;
  readonly where: string | null;
  readonly stack?: string;
  /** `grid`: every other job would meet it too. */
  readonly scope: 'run' | 'grid';
  /** The run could not say it itself: its process is gone. */
  readonly lost?: true;
}

/** An error that came from a job, with what a user should read. */
export class JobError extends Error {
  constructor(readonly failure: GridFailure) {
    super(failure.message);
  }
}

/** The error as one with a code: space and memory that ran out, else a defect. */
export function codedError(error: unknown): EquimodalError {
  if (error instanceof EquimodalError) return error;
  const message = messageOf(error);
  const code = isDiskFull(error) ? 'EQM_DISK_FULL' : isOutOfMemory(message) ? 'EQM_OUT_OF_MEMORY' : 'EQM_INTERNAL';
  return new EquimodalError(code, message, { cause: error });
}

/** Turns anything thrown by a job into what is stored and shown. */
export function failureOf(error: unknown, scope: GridFailure['scope'] = 'run'): GridFailure {
  if (error instanceof JobError) return error.failure;
  const coded = codedError(error);
  const stack = error instanceof Error && error.stack !== undefined ? { stack: error.stack } : {};
  return {
    code: coded.code,
    message: coded.message,
    text: coded.code === 'EQM_INTERNAL' ? `EQM_INTERNAL: ${coded.message}` : coded.format(),
    where: coded.where ?? null,
    // Nobody can go on without space.
    scope: coded.code === 'EQM_DISK_FULL' ? 'grid' : scope,
    ...stack,
  };
}
