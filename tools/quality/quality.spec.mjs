import { describe, expect, it } from 'vitest';
import { errorsPage, iterationPage } from './docs.mjs';
import { manifestProblems, pieceProblems, readmeProblems } from './packages.mjs';

const good = {
  name: '@equimodal/losses',
  version: '0.1.0',
  description: 'Classification and alignment losses.',
  license: 'Apache-2.0',
  type: 'module',
  engines: { node: '>=20' },
  repository: { directory: 'packages/losses' },
  files: ['dist', 'README.md'],
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
    ['files', { files: ['dist'] }],
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
