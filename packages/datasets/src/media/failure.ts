import { EquimodalError, messageOf, type ErrorCode, type Problem } from '@equimodal/core';

/** An error as plain data, to cross from one thread to another. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly where: string | undefined;
  readonly fix: string;
  readonly problems: readonly Problem[];
}

/** The failure of reading a row. An error without a code is put down to the row's files, which it then names. */
export function failureOf(error: unknown, files: readonly string[]): Failure {
  if (error instanceof EquimodalError) {
    const { code, message, fix, problems } = error;
    return { code, message, where: error.where ?? files[0], fix, problems };
  }
  const what = `a row cannot be read: ${messageOf(error)}`;
  const problems = files.length > 1 ? files.map((message) => ({ message })) : [];
  return failureOf(new EquimodalError('EQM_DATA_MALFORMED', what, { problems }), files);
}

export function errorOf({ code, message, where, fix, problems }: Failure): EquimodalError {
  return new EquimodalError(code, message, { fix, problems, ...(where === undefined ? {} : { where }) });
}

/** What `act` gives; an error of it that names no place is put down to the file. */
export function within<T>(file: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw errorOf(failureOf(error, [file]));
  }
}
