import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

/**
 * The test settings every package shares. The files of a package share processes, which saves loading TensorFlow.js for each; specs
 * that replace modules (`*.mocked.spec.ts`) have a process each.
 */
export function packageTests(name: string) {
  const root = import.meta.dirname + '/packages/' + name;
  const project = (part: string, test: TestProjectInlineConfiguration['test']): TestProjectInlineConfiguration => ({
    extends: true,
    test: { name: name + part, ...test },
  });
  return defineConfig({
    root,
    cacheDir: import.meta.dirname + '/.cache/vitest/' + name,
    resolve: { conditions: ['@equimodal/source'] },
    ssr: { resolve: { conditions: ['@equimodal/source', 'node', 'import', 'module', 'default'] } },
    test: {
      projects: [
        project('', { include: ['src/**/*.spec.ts'], exclude: ['src/**/*.mocked.spec.ts'], isolate: false }),
        project(' mocked', { include: ['src/**/*.mocked.spec.ts'], isolate: true }),
      ],
      globalSetup: import.meta.dirname + '/vitest.temporary.ts',
      pool: 'forks',
      watch: false,
      testTimeout: 60_000,
      hookTimeout: 60_000,
      reporters: ['default', ['json', { outputFile: 'test-output/vitest.json' }]],
      passWithNoTests: false,
    },
  });
}
