/**
 * Who may import whom, by package name without the scope. Lint (eslint.config.mjs) and the test of the
 * dependency graph (test/boundaries) both read this table, so there is one place to change.
 */

const PLUGIN_KINDS = ['encoders', 'fusion', 'losses', 'alpha-schedulers', 'methods'];
const LEAF_KINDS = ['metrics', 'observers'];

/** @type {Readonly<Record<string, readonly string[]>>} */
export const ALLOWED_IMPORTS = Object.freeze({
  core: [],
  engine: ['core'],
  nn: ['core', 'engine'],
  ...Object.fromEntries(PLUGIN_KINDS.map((name) => [name, ['core', 'nn']])),
  ...Object.fromEntries(LEAF_KINDS.map((name) => [name, ['core']])),
  weights: ['core'],
  datasets: ['core', 'weights'],
  training: ['core', 'engine', 'nn', 'weights'],
  comparison: ['core', 'training'],
  reports: ['core', 'comparison', 'training'],
  testing: ['core', 'engine', 'nn', 'training'],
  cli: [...['core', 'engine', 'nn'], ...PLUGIN_KINDS, ...LEAF_KINDS, 'datasets', ...['training', 'comparison', 'reports', 'testing']],
  equimodal: [
    ...['core', 'engine', 'nn', 'weights'],
    ...PLUGIN_KINDS,
    ...LEAF_KINDS,
    ...['datasets', 'training', 'comparison', 'reports', 'cli'],
  ],
});

/** What the specs of every package may import on top of that. */
export const SPEC_IMPORTS = Object.freeze(['testing', 'engine', 'nn', 'weights']);

/** Packages whose sources run inside a training step and so never read a tensor's values back. */
export const STEP_PACKAGES = Object.freeze(['encoders', 'fusion', 'losses', 'methods']);

export const SCOPE = '@equimodal/';

/** The package that holds all others goes by its bare name. */
export const UMBRELLA = 'equimodal';

/** Name of the package in `packages/<folder>`. */
export function nameOf(folder) {
  return folder === UMBRELLA ? UMBRELLA : SCOPE + folder;
}
