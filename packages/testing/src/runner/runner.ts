import { nodeRunner } from './node.js';
import type { Runner } from './types.js';

/** Whether a vitest worker runs this file: a process that `node --test` started inherits the environment of whoever started that. */
const underVitest = process.env['VITEST'] === 'true' && process.env['NODE_TEST_CONTEXT'] === undefined;

/** The runner that runs this file: vitest, else Node's own (`node --test`, or `node` on the file). */
const runner: Runner = underVitest ? ((await import('vitest')) as Runner) : nodeRunner();

export const describe: Runner['describe'] = runner.describe;
export const it: Runner['it'] = runner.it;
export const beforeAll: Runner['beforeAll'] = runner.beforeAll;
export const expect: Runner['expect'] = runner.expect;
