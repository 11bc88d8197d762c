import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';
import { ALLOWED_IMPORTS, SPEC_IMPORTS, STEP_PACKAGES } from './tools/quality/boundaries.mjs';

const SPECS = ['**/*.spec.ts', '**/*.fixture.ts', '**/*.e2e.ts'];
const SOURCES = ['packages/*/src/**/*.ts'];

/** `scope:x` may depend on these scopes; the test workspace and the tools see everything. */
function depConstraints(extra) {
  const packages = Object.entries(ALLOWED_IMPORTS).map(([name, allowed]) => ({
    sourceTag: `scope:${name}`,
    onlyDependOnLibsWithTags: [...new Set([name, ...allowed, ...extra])].map((target) => `scope:${target}`),
  }));
  const everything = ['scope:test', 'scope:tools'].map((sourceTag) => ({
    sourceTag,
    onlyDependOnLibsWithTags: ['*'],
  }));
  return [...packages, ...everything];
}

function moduleBoundaries(extra, options = {}) {
  return ['error', { depConstraints: depConstraints(extra), ...options }];
}

// prettier-ignore
const GLOBAL_RANDOM = [
  'rand', 'randomUniform', 'randomUniformInt', 'randomNormal', 'randomStandardNormal', 'randomGamma',
  'truncatedNormal', 'multinomial', 'dropout',
];
const NOT_PURE = 'A training step is a pure function: parameters are trees of tensors, not tf.Variable.';
const NOT_SEEDED = 'Randomness comes from RandomStream (host) or scope.random (in a step), never from a global generator.';

const deepImports = {
  patterns: [
    {
      group: ['@equimodal/*/*', '!@equimodal/*/package.json'],
      message: 'Import a package by its name; what it does not export is private.',
    },
  ],
  paths: [
    {
      name: '@tensorflow/tfjs',
      message: "Import from '@tensorflow/tfjs-core', so that there is one instance of it.",
    },
  ],
};
/** The same names, imported one by one instead of through `tf`. */
const namedImports = {
  selector: `ImportDeclaration[source.value='@tensorflow/tfjs-core'] > ImportSpecifier[imported.name=/^(${GLOBAL_RANDOM.join('|')}|variable)$/]`,
  message: `${NOT_SEEDED} ${NOT_PURE}`,
};
const readBack = {
  selector: 'MemberExpression[property.name=/^(dataSync|arraySync)$/]',
  message: 'A step reads no value back: whatever changes from step to step is an input, whatever comes out a tensor.',
};

const restrictedProperties = [
  { object: 'Math', property: 'random', message: NOT_SEEDED },
  ...GLOBAL_RANDOM.map((property) => ({ object: 'tf', property, message: NOT_SEEDED })),
  { object: 'tf', property: 'variable', message: NOT_PURE },
];

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/test-output/**',
      '**/node_modules/**',
      '.cache/**',
      '.nx/**',
      'runs/**',
      'docs/**',
      'test/fixtures/**',
      'packages/*/assembly/**',
      '**/*.wasm.ts',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommended],
    plugins: { '@nx': nx },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@nx/enforce-module-boundaries': moduleBoundaries([]),
      'no-restricted-imports': ['error', deepImports],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['packages/*/src/**/*.ts', 'test/*/**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    files: SOURCES,
    ignores: SPECS,
    rules: {
      'no-restricted-properties': ['error', ...restrictedProperties],
      'no-restricted-syntax': ['error', namedImports],
      'max-lines': ['error', 320],
    },
  },
  {
    files: STEP_PACKAGES.map((name) => `packages/${name}/src/**/*.ts`),
    ignores: SPECS,
    rules: {
      'no-restricted-syntax': ['error', namedImports, readBack],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@nx/enforce-module-boundaries': moduleBoundaries([], {
        allow: ['../../tools/quality/boundaries.mjs'],
      }),
    },
  },
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        ['process', 'console', 'URL', 'performance', 'setTimeout', 'clearTimeout', 'Buffer', 'AbortController', 'fetch'].map((name) => [
          name,
          'readonly',
        ]),
      ),
    },
    rules: {
      'no-undef': 'error',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'prefer-const': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['**/vitest.config.ts'],
    rules: { '@nx/enforce-module-boundaries': 'off' },
  },
  {
    // Specs may use the conformance kit, which stands on top of the packages it tests.
    files: SPECS,
    ignores: ['test/**'],
    rules: {
      '@nx/enforce-module-boundaries': moduleBoundaries(SPEC_IMPORTS, {
        ignoredCircularDependencies: [['*', '*']],
      }),
    },
  },
);
