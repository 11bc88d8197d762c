import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { KINDS, type Plugin } from '@equimodal/core';
import { conformance } from '@equimodal/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { pieceNames, scaffoldPackage } from './scaffold.js';

// Inside the package, so that the packages resolve.
const dir = join(import.meta.dirname, '..', '..', 'test-output', 'scaffold');
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Writes the package of a kind and imports what it exports. */
async function generated(kind: (typeof KINDS)[number]): Promise<Plugin> {
  const files = scaffoldPackage(pieceNames(kind, `my-${kind}`));
  for (const [name, text] of Object.entries(files)) {
    const file = join(dir, kind, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const module = (await import(/* @vite-ignore */ pathToFileURL(join(dir, kind, 'src', 'index.ts')).href)) as { default: Plugin };
  return module.default;
}

// What is generated passes the kit as it is, every kind of piece.
for (const kind of KINDS) conformance(await generated(kind));

describe('scaffoldPackage', () => {
  it.each(KINDS)('leaves no place unfilled in a package of a %s', (kind) => {
    for (const [name, text] of Object.entries(scaffoldPackage(pieceNames(kind, 'my-piece'), '@me/piece'))) {
      expect(text, name).not.toMatch(/__[A-Z]+__/);
    }
  });

  it('asks for the packages that the piece imports', () => {
    const manifest = JSON.parse(scaffoldPackage(pieceNames('fusion', 'my-fusion'))['package.json']!) as { peerDependencies: object };
    expect(Object.keys(manifest.peerDependencies)).toEqual(['@equimodal/core', '@equimodal/nn', '@tensorflow/tfjs-core', 'zod']);
  });
});

describe('pieceNames', () => {
  it('makes the name of the export from that of the piece', () => {
    expect(pieceNames('loss', 'focal-2')).toEqual({ kind: 'loss', id: 'focal-2', name: 'focal2' });
  });

  it.each([
    ['fusoin', 'x'],
    ['fusion', 'MyFusion'],
    ['fusion', '../x'],
    ['fusion', ''],
  ])('refuses %s "%s"', (kind, id) => {
    expect(() => pieceNames(kind, id)).toThrow(expect.objectContaining({ code: 'EQM_CLI_USAGE' }));
  });
});
