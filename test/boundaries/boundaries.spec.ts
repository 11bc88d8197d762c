import { describe, expect, it } from 'vitest';
import { ALLOWED_IMPORTS, nameOf, SCOPE } from '../../tools/quality/boundaries.mjs';
import { checkPackage, cycleIn, packageNameOf, type Import, type Rules } from './check.js';
import { declaredIn, importsIn, packageNames, readManifest, readPackage, referencesOf } from './read.js';

const rules: Rules = { scope: SCOPE, allowed: ALLOWED_IMPORTS };
const names = packageNames();

describe('the packages on disk', () => {
  it('are exactly those of the table', () => {
    expect([...names].sort()).toEqual(Object.keys(ALLOWED_IMPORTS).sort());
  });

  it.each(names)('%s imports only what it may and what it declares', (name) => {
    const source = readPackage(name);
    expect(source.imports.length).toBeGreaterThan(0);
    expect(checkPackage(source, rules)).toEqual([]);
  });

  it.each(names)('%s declares only packages of ours that it may import', (name) => {
    const ours = [...declaredIn(readManifest(name))].filter((one) => one.startsWith(SCOPE));
    const forbidden = ours.filter((one) => !ALLOWED_IMPORTS[name]?.includes(one.slice(SCOPE.length)));
    expect(forbidden).toEqual([]);
  });

  it.each(names)('%s has the tag that lint goes by, and references what it declares', (name) => {
    const manifest = readManifest(name);
    expect(manifest.name).toBe(nameOf(name));
    expect(manifest.nx?.tags).toContain(`scope:${name}`);
    const ours = [...declaredIn(manifest)].filter((one) => one.startsWith(SCOPE));
    expect(referencesOf(name)).toEqual(ours.map((one) => one.slice(SCOPE.length)).sort());
  });
});

describe('the table', () => {
  it('has no cycle', () => {
    expect(cycleIn(ALLOWED_IMPORTS)).toBeUndefined();
  });

  it('would be refused with a cycle', () => {
    expect(cycleIn({ core: ['nn'], nn: ['engine'], engine: ['core'] })).toEqual(['core', 'nn', 'engine', 'core']);
  });
});

describe('checkPackage', () => {
  const synthetic: Rules = { scope: SCOPE, allowed: { core: [], nn: ['core'], methods: ['core', 'nn'] } };
  const check = (specifier: string, declared: readonly string[] = [], name = 'methods', file = 'src/ogm/ogm.ts') => {
    const imports: Import[] = [{ file, line: 3, specifier }];
    return checkPackage({ name, declared: new Set(declared), imports }, synthetic);
  };

  it('refuses a forbidden edge, even a declared one, and says where', () => {
    const found = check('@equimodal/training', ['@equimodal/training']);
    expect(found).toEqual([expect.objectContaining({ rule: 'forbidden', where: 'packages/methods/src/ogm/ogm.ts:3' })]);
    expect(check('@equimodal/nn', ['@equimodal/nn'], 'core')[0]?.rule).toBe('forbidden');
  });

  it('passes an allowed and declared edge', () => {
    expect(check('@equimodal/nn', ['@equimodal/nn'])).toEqual([]);
    expect(check('@tensorflow/tfjs-core', ['@tensorflow/tfjs-core'])).toEqual([]);
    expect(check('zod/mini', ['zod'])).toEqual([]);
  });

  it('refuses what is not declared, ours or not', () => {
    expect(check('@equimodal/nn')[0]?.rule).toBe('undeclared');
    expect(check('rxjs')[0]?.rule).toBe('undeclared');
  });

  it('refuses deep imports', () => {
    expect(check('@equimodal/nn/src/tree/tree.js', ['@equimodal/nn'])[0]?.rule).toBe('deep');
    expect(check('@equimodal/nn/package.json', ['@equimodal/nn'])).toEqual([]);
  });

  it('refuses relative and absolute imports that leave the package', () => {
    expect(check('../../../nn/src/index.js')[0]?.rule).toBe('leaves-package');
    expect(check('/etc/passwd')[0]?.rule).toBe('leaves-package');
    expect(check('../index.js')).toEqual([]);
    expect(check('../../package.json')).toEqual([]);
  });

  it('lets Node built-ins pass, with and without prefix', () => {
    expect(check('node:fs/promises')).toEqual([]);
    expect(check('fs')).toEqual([]);
  });

  it('refuses a package it does not know', () => {
    expect(check('node:fs', [], 'stranger')[0]?.rule).toBe('unknown-package');
  });
});

describe('reading imports', () => {
  it('finds every form, with its line', () => {
    const text = [
      "import { a } from 'plain';",
      "import type { B } from 'type-only';",
      "export * from './again.js';",
      "const later = () => import('dynamic');",
      "type C = import('in-a-type').C;",
      "import 'for-its-effect';",
      "// import 'in-a-comment';",
      'const text = "import \'in-a-string\'";',
    ].join('\n');
    expect(importsIn('src/x.ts', text).map((one) => [one.line, one.specifier])).toEqual([
      [1, 'plain'],
      [2, 'type-only'],
      [3, './again.js'],
      [4, 'dynamic'],
      [5, 'in-a-type'],
      [6, 'for-its-effect'],
    ]);
  });

  it('takes package names off specifiers', () => {
    expect(packageNameOf('@equimodal/nn/x')).toBe('@equimodal/nn');
    expect(packageNameOf('zod/mini')).toBe('zod');
  });
});
