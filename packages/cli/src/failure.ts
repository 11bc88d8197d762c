import { JobError } from '@equimodal/comparison';
import { EquimodalError, messageOf } from '@equimodal/core';

/** Prints what went wrong and returns the exit status it stands for. */
export function reportFailure(error: unknown, debug: boolean): number {
  if (error instanceof EquimodalError) {
    process.stderr.write(`${error.format()}\n`);
    if (debug) process.stderr.write(`${error.stack ?? ''}\n`);
    return error.isUserError ? 2 : 1;
  }
  if (error instanceof JobError) {
    process.stderr.write(`${error.failure.text}\n`);
    if (debug) process.stderr.write(`${error.failure.stack ?? ''}\n`);
    return error.failure.code === 'EQM_INTERNAL' ? 1 : 2;
  }
  process.stderr.write(
    `EQM_INTERNAL: ${messageOf(error)}\n  This is a defect of equimodal; run again with --debug and report the stack trace.\n`,
  );
  if (debug && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  return 1;
}
