import * as runner from 'node:test';
import { format } from 'node:util';
import { JestAsymmetricMatchers, JestChaiExpect, JestExtend, type ExpectStatic } from '@vitest/expect';
import * as chai from 'chai';
import type { Runner } from './types.js';

type Body = (...args: unknown[]) => void | Promise<void>;

/** Vitest's expectations without vitest. */
function expectations(): ExpectStatic {
  for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin);
  return chai.expect as unknown as ExpectStatic;
}

/** Fills `%s`, `%i` in; what a row has beyond them is not appended. */
export function titled(name: string, row: readonly unknown[]): string {
  const places = name.match(/%[sidfjoO]/g)?.length ?? 0;
  return format(name, ...row.slice(0, places));
}

function eachOf(define: (name: string, body: () => void | Promise<void>) => void) {
  return (rows: readonly unknown[]) =>
    (name: string, body: Body): void => {
      for (const row of rows) {
        const values: readonly unknown[] = Array.isArray(row) ? row : [row];
        define(titled(name, values), () => body(...values));
      }
    };
}

/** Node's own runner, in vitest's words. */
export function nodeRunner(): Runner {
  const describe: Runner['describe'] = Object.assign((name: string, body: () => void): void => void runner.describe(name, body), {
    each: eachOf((name, body) => void runner.describe(name, body)) as Runner['describe']['each'],
  });
  const it: Runner['it'] = Object.assign(
    (name: string, body: Parameters<Runner['it']>[1]): void => void runner.it(name, (context) => body(context)),
    {
      each: eachOf((name, body) => void runner.it(name, () => body())) as Runner['it']['each'],
      skip: (name: string, body: Parameters<Runner['it']>[1]): void => void runner.it.skip(name, (context) => body(context)),
    },
  );
  return {
    describe,
    it,
    beforeAll: (work, timeout) => runner.before(work, timeout === undefined ? {} : { timeout }),
    expect: expectations(),
  };
}
