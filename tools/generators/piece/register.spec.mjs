import { describe, expect, it } from 'vitest';
import { addExport, addPiece } from './register.mjs';

describe('addPiece', () => {
  it('imports the piece and provides it', () => {
    const source = "import { a } from './a/a.js';\n\n/** Doc. */\nexport const p = definePlugin({\n  provides: [a],\n});\n";
    expect(addPiece(source, 'b', './b/b.js')).toBe(
      "import { a } from './a/a.js';\nimport { b } from './b/b.js';\n\n/** Doc. */\nexport const p = definePlugin({\n  provides: [a, b],\n});\n",
    );
  });

  it('copes with one piece a line', () => {
    expect(addPiece("import { a } from './a.js';\nprovides: [\n    a,\n    c,\n  ],", 'b', './b.js')).toContain('c, b]');
  });

  it('refuses what is no plugin', () => expect(() => addPiece('export {};', 'b', './b.js')).toThrow(/not the source of a plugin/));
});

describe('addExport', () => {
  it('comes last', () => expect(addExport('export {};\n', 'b', './b.js')).toBe("export {};\nexport { b } from './b.js';\n"));
});
