import { defineConfig } from 'vitest/config';

/** Tests of the tools themselves: their pure functions, without network or Nx. */
export default defineConfig({
  root: import.meta.dirname,
  cacheDir: import.meta.dirname + '/../.cache/vitest/tools',
  test: {
    name: 'tools',
    include: ['**/*.spec.{mjs,ts}'],
    globalSetup: '../vitest.temporary.ts',
    pool: 'forks',
    watch: false,
    testTimeout: 60_000,
    reporters: ['default', ['json', { outputFile: 'test-output/vitest.json' }]],
    passWithNoTests: false,
  },
});
