import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, describe, expect, it } from 'vitest';
import { reportOf } from './api.mjs';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'equimodal-api-')));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function report(text) {
  const file = join(folder, 'index.d.ts');
  writeFileSync(file, text);
  return reportOf(ts.createProgram([file], { module: ts.ModuleKind.ESNext, types: [] }), file, folder);
}

describe('the report of what a package exports', () => {
  it('has every name in order, without comments and without what is private', () => {
    const { lines, any } = report(`
      /** About b. */
      export declare function b(x: number): string;
      export interface A { /** Its size. */ readonly size: number; }
      export declare class C { #hidden: number; private readonly inner; readonly shown: string; constructor(x: number); }
      export declare const d: readonly number[];
      interface NotExported { x: number }
      declare function renamed(): void;
      export { renamed as e };
    `);
    expect(lines).toEqual([
      'interface A {\n    readonly size: number;\n}',
      'class C {\n    readonly shown: string;\n    constructor(x: number);\n}',
      'function b(x: number): string;',
      'const d: readonly number[];',
      '// as e\nfunction renamed(): void;',
    ]);
    expect(any).toEqual([]);
  });

  it('names types that hold `any`', () => {
    expect(report('export type X = { readonly deep: readonly any[] }; export type Y = unknown;').any).toEqual(['X']);
  });

  it('changes with a type', () => {
    const before = report('export declare function f(x: number): void;').lines;
    expect(report('export declare function f(x: string): void;').lines).not.toEqual(before);
  });

  it('refuses a file that exports nothing', () => {
    expect(() => report('declare const x: number;')).toThrow(/exports nothing/);
  });
});
