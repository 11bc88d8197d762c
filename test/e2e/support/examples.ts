import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const MARKED = /<!-- (example|file):([\w.-]+) -->\n+```(\w+)\n([\s\S]*?)```/g;

/** The marked blocks of a page: file name -> text. A block of JavaScript marked `x` is the file `x.mjs`. */
export function examplesOf(page: string): Map<string, string> {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return new Map([...text.matchAll(MARKED)].map(([, what, name, , body]) => [what === 'file' ? name! : `${name!}.mjs`, body!]));
}

/** How many blocks of code in the given languages a page has, marked or not. */
export function blocksIn(page: string, languages: readonly string[]): number {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/^```(\w+)$/gm)].filter(([, language]) => languages.includes(language!)).length;
}
