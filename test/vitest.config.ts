import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Specs that train in their own process, and count tensors there. */
const IN_PROCESS = ['conformance/**/*.spec.ts', 'training/**/*.spec.ts'];

/** The files that take longest begin first, so that none runs alone at the end. */
const LONG = [
  'conformance/methods',
  'conformance/pieces',
  'e2e/cli',
  'e2e/grid',
  'packed/packed',
  'e2e/faults',
  'e2e/paper',
  'methods/pairs',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const found = LONG.findIndex((part) => moduleId.endsWith(`${part}.spec.ts`));
      return found < 0 ? LONG.length : found;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

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
    projects: [
      { extends: true, test: { name: 'test', include: IN_PROCESS, isolate: true } },
      // These start processes of their own; they share two, which saves loading everything for each file.
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['**/*.spec.ts'],
          exclude: [...IN_PROCESS, '**/node_modules/**', '**/dist/**', 'fixtures/**', 'test-output/**'],
          isolate: false,
        },
      },
    ],
    globalSetup: import.meta.dirname + '/../vitest.temporary.ts',
    pool: 'forks',
    watch: false,
    // Two files at a time, however many cores there are: an end-to-end test starts processes of its own.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    testTimeout: 600_000,
    hookTimeout: 600_000,
    reporters: ['default', ['json', { outputFile: 'test-output/vitest.json' }]],
    passWithNoTests: false,
  },
});
