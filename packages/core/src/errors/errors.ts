import { ERROR_CODES, type ErrorCode } from './codes.js';

/** One problem of several that an error may carry, e.g. each wrong value of a config file. */
export interface Problem {
  /** Where: `file:line:column`, a config path, a plugin, a step. */
  readonly where?: string;
  readonly message: string;
  /** What to do, if it is more specific than the code's own advice. */
  readonly fix?: string;
}

export interface ErrorDetails {
  readonly where?: string;
  readonly fix?: string;
  readonly problems?: readonly Problem[];
  readonly cause?: unknown;
}

/**
 * Every error a user is meant to read: a stable code, what was wrong, where, and what to do.
 *
 * The command line prints `message` without a stack trace and exits with status 2, except for
 * `EQM_INTERNAL`, which exits with status 1.
 */
export class EquimodalError extends Error {
  readonly code: ErrorCode;
  readonly where: string | undefined;
  readonly fix: string;
  readonly problems: readonly Problem[];

  constructor(code: ErrorCode, what: string, details: ErrorDetails = {}) {
    super(what, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'EquimodalError';
    this.code = code;
    this.where = details.where;
    this.fix = details.fix ?? ERROR_CODES[code].solve;
    this.problems = details.problems ?? [];
  }

  /** True when the user's input is at fault (exit status 2), false for our own defects (1). */
  get isUserError(): boolean {
    return this.code !== 'EQM_INTERNAL';
  }

  /** The text the command line prints. */
  format(): string {
    const lines = [`${this.code}: ${this.message}`];
    if (this.where !== undefined) lines.push(`  at ${this.where}`);
    for (const problem of this.problems) {
      lines.push(`  - ${problem.where === undefined ? '' : `${problem.where}: `}${problem.message}`);
      if (problem.fix !== undefined) lines.push(`      ${problem.fix}`);
    }
    lines.push(`  ${this.fix}`);
    return lines.join('\n');
  }
}

/** Message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
