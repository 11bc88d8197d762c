import { defineConfig } from 'vitest/config';

/**
 * Tests that cross packages. They see the packages as a user does, built, unless a spec imports one:
 * imports resolve to the sources. Some train for a while, so the limits are long.
 */
export default defineConfig({
  root: import.meta.dirname,
  cacheDir: import.meta.dirname + '/../.cache/vitest/test',
  resolve: { conditions: ['@equimodal/source'] },
  ssr: { resolve: { conditions: ['@equimodal/source', 'node', 'import', 'module', 'default'] } },
  test: {
    name: 'test',
    include: ['**/*.spec.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', 'fixtures/**', 'test-output/**'],
    pool: 'forks',
    watch: false,
    // Two files at a time, however many cores there are: an end-to-end test starts processes of its own.
    maxWorkers: 2,
    // Files share the two processes, which saves loading TensorFlow.js for each.
    isolate: false,
    testTimeout: 600_000,
    hookTimeout: 600_000,
    reporters: ['default', ['json', { outputFile: 'test-output/vitest.json' }]],
    passWithNoTests: false,
  },
});
