import type { ExpectStatic } from '@vitest/expect';

/** What a running test can do. */
export interface TestContext {
  /** Counts the test as skipped; return what it returns. */
  skip(reason?: string): void;
}

type Body = (context: TestContext) => void | Promise<void>;

/** One test, or group of tests, for each row; `%s` and `%i` of the name are filled in from the row. */
interface Each<Context extends readonly unknown[]> {
  <const T extends readonly unknown[]>(
    rows: readonly T[],
  ): (name: string, body: (...args: [...T, ...Context]) => void | Promise<void>) => void;
  <T>(rows: readonly T[]): (name: string, body: (row: T, ...context: Context) => void | Promise<void>) => void;
}

/** The part of a test runner that the kit uses: what vitest and Node's own have in common, in vitest's words. */
export interface Runner {
  readonly describe: ((name: string, body: () => void) => void) & { readonly each: Each<[]> };
  readonly it: ((name: string, body: Body) => void) & {
    readonly each: Each<[]>;
    skip(name: string, body: Body): void;
  };
  /** @param timeout in milliseconds */
  readonly beforeAll: (work: () => void | Promise<void>, timeout?: number) => void;
  readonly expect: ExpectStatic;
}
