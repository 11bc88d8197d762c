import { defineConfig } from 'vitest/config';

/** The test settings every package shares. The native add-on needs one process per file. */
export function packageTests(name: string) {
  return defineConfig({
    root: import.meta.dirname + '/packages/' + name,
    cacheDir: import.meta.dirname + '/.cache/vitest/' + name,
    resolve: { conditions: ['@equimodal/source'] },
    ssr: { resolve: { conditions: ['@equimodal/source', 'node', 'import', 'module', 'default'] } },
    test: {
      name,
      include: ['src/**/*.spec.ts'],
      pool: 'forks',
      watch: false,
      testTimeout: 60_000,
      hookTimeout: 60_000,
      reporters: ['default', ['json', { outputFile: 'test-output/vitest.json' }]],
      passWithNoTests: false,
    },
  });
}
