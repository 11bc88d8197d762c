import { describe, expect, it } from 'vitest';
import { errorsPage, iterationPage } from './docs.mjs';
import { manifestProblems, pieceProblems, readmeProblems } from './packages.mjs';
import { exportTargets, packedProblems } from './packed.mjs';

const good = {
  name: '@equimodal/losses',
  version: '0.1.0',
  description: 'Classification and alignment losses.',
  license: 'Apache-2.0',
  type: 'module',
  engines: { node: '>=20' },
  repository: { directory: 'packages/losses' },
  files: ['dist', 'README.md', 'LICENSE'],
  exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
  dependencies: { '@equimodal/core': '0.1.0', zod: '^4.0.0' },
};
const check = (changes) => manifestProblems({ ...good, ...changes }, 'losses', '0.1.0');

describe('manifestProblems', () => {
  it('has nothing to say of a good one', () => expect(check({})).toEqual([]));

  it.each([
    ['name', { name: '@equimodal/loss' }],
    ['version', { version: '0.2.0' }],
    ['description', { description: 'TODO' }],
    ['license', { license: 'MIT' }],
    ['files', { files: ['dist', 'LICENSE'] }],
    ['exports', { exports: { '.': { types: './dist/index.d.ts', default: './src/index.ts' } } }],
    ['dependencies', { dependencies: { '@equimodal/core': '^0.1.0' } }],
    ['dependencies', { dependencies: { local: 'file:../x' } }],
  ])('sees a wrong %s', (_field, changes) => expect(check(changes)).toHaveLength(1));
});

describe('readmeProblems', () => {
  it('wants a title with the name and some words', () => {
    expect(readmeProblems(undefined, 'a')).toHaveLength(1);
    expect(readmeProblems('# b\n\nShort.', 'a')).toHaveLength(2);
    expect(readmeProblems(`# a\n\n${'word '.repeat(50)}`, 'a')).toEqual([]);
  });
});

describe('pieceProblems', () => {
  it('wants a README and a spec beside every piece, and nothing of other folders', () => {
    expect(pieceProblems('ogm', ['ogm.ts'], 'export const ogm = definePiece({')).toHaveLength(2);
    expect(pieceProblems('ogm', ['ogm.ts', 'ogm.spec.ts', 'README.md'], 'definePiece(')).toEqual([]);
    expect(pieceProblems('shared', ['shared.ts'], 'export const x = 1')).toEqual([]);
  });
});

describe('packedProblems', () => {
  const manifest = {
    name: '@equimodal/losses',
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './package.json': './package.json' },
    dependencies: { zod: '^4.0.0' },
  };
  const map = JSON.stringify({ sources: ['../src/index.ts'] });
  const texts = {
    'package.json': '{}',
    'README.md': '',
    LICENSE: '',
    'src/index.ts': '',
    'dist/index.js': "import { z } from 'zod';\nimport { readFile } from 'node:fs';\n/** import x from 'nothing' */\n",
    'dist/index.js.map': map,
    'dist/index.d.ts': '',
    'dist/index.d.ts.map': map,
  };
  const problems = (changes = {}, other = manifest) => {
    const all = Object.fromEntries(Object.entries({ ...texts, ...changes }).filter(([, text]) => text !== undefined));
    return packedProblems(other, Object.keys(all), (path) => all[path]);
  };

  it('has nothing to say of a good package', () => expect(problems()).toEqual([]));

  it.each([
    ['a test file', { 'dist/a.spec.js': '', 'dist/a.spec.d.ts': '', 'dist/a.spec.js.map': map, 'dist/a.spec.d.ts.map': map }, /spec/],
    ['a build record', { 'dist/tsconfig.lib.tsbuildinfo': '' }, /tsbuildinfo is packed/],
    ['no licence', { LICENSE: undefined }, /LICENSE is not packed/],
    ['an entry point that is missing', { 'dist/index.d.ts': undefined, 'dist/index.d.ts.map': undefined }, /index\.d\.ts/],
    ['no source map', { 'dist/index.js.map': undefined }, /no source map/],
    ['a source that is missing', { 'src/index.ts': undefined }, /points to src\/index\.ts/],
    ['a file that is missing', { 'dist/index.js': "export * from './x.js';" }, /needs dist\/x\.js/],
    ['an import that is not declared', { 'dist/index.js': "import 'rxjs/operators';" }, /imports rxjs,/],
  ])('sees %s', (_what, changes, message) => expect(problems(changes).join('\n')).toMatch(message));

  it('sees an export map that opens everything, and a command without its first line', () => {
    expect(problems({}, { ...manifest, exports: { ...manifest.exports, './*': './dist/*' } }).join()).toMatch(/internal/);
    expect(problems({ 'bin/x.js': '' }, { ...manifest, bin: { x: './bin/x.js' } })).toEqual([expect.stringMatching(/node runs it/)]);
  });

  it('finds the targets below any condition', () => {
    expect(exportTargets({ '.': { import: { types: './a.d.ts', default: './a.js' } }, './b': './b.js' })).toEqual([
      './a.d.ts',
      './a.js',
      './b.js',
    ]);
  });
});

describe('generated pages', () => {
  it('give every code a heading, its meaning and what to do', () => {
    const page = errorsPage({ EQM_X: { meaning: 'It broke', solve: 'Mend it.' } });
    expect(page).toContain('## EQM_X\n\nIt broke.\n\n**How to solve:** Mend it.\n');
  });

  it('number the points and keep the table whole', () => {
    const page = iterationPage([{ point: 'losses', side: 'step', may: 'a | b', alive: 'all' }]);
    expect(page).toContain('| 1 | `losses` | inside the step | a \\| b | all |');
  });
});
