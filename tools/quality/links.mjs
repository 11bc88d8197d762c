/**
 * Checks every relative link of the documents: README files, docs/, the packages' pages, those of tests and tools, and the
 * templates of the generator. The file has to be in the repository and the anchor has to be a heading of it. No network:
 * addresses are left alone, except those of our own repository. Fails with a line per problem.
 */
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDERS = ['docs', 'packages', 'test', 'tools', 'experiments'];
const LEFT_OUT = new Set(['node_modules', 'dist', 'test-output', 'coverage', '.git', '.nx', '.cache']);
const PAGE = /\.md(\.template)?$/;
/** Links into our own repository, as READMEs have them that are read elsewhere. */
const OWN = /^https:\/\/github\.com\/equimodal\/equimodal\/(?:blob|tree)\/main\/(.*)$/;
const LINK = /!?\[(?:[^[\]]|\[[^\]]*\])*\]\(\s*<?([^)\s>]+)>?(?:\s+["'(][^)]*["')])?\s*\)/g;
const REFERENCE = /^\s{0,3}\[[^\]]+\]:\s+<?(\S+?)>?(?:\s|$)/gm;
const HTML = /<(?:a|img|source)\b[^>]*?\s(?:href|src)="([^"]+)"/g;

/** Text without code, line for line: what stands in code is no link. */
function withoutCode(text) {
  const blank = (code) => code.replace(/[^\n]/g, ' ');
  return text.replace(/^( *)(`{3,}|~{3,})[^\n]*\n[\s\S]*?^ *\2[`~]*\s*$/gm, blank).replace(/(`+)(?!`)[^\n]*?[^`]\1(?!`)/g, blank);
}

/** The targets of links, with their lines. */
export function linksOf(text) {
  const shown = withoutCode(text).replace(/<!--[\s\S]*?-->/g, (comment) => comment.replace(/[^\n]/g, ' '));
  return [LINK, REFERENCE, HTML]
    .flatMap((pattern) => [...shown.matchAll(pattern)])
    .map((match) => ({
      target: match[1],
      line: shown.slice(0, match.index).split('\n').length + (/^\s*/.exec(match[0])[0].match(/\n/g) ?? []).length,
    }))
    .sort((a, b) => a.line - b.line);
}

/** What a heading is called in an address: GitHub's rule. */
export function slug(heading) {
  return heading
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/<[^>]*>/g, '')
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
    .replaceAll(' ', '-');
}

/** The anchors of a page: its headings, numbered where they repeat, and what has an id or a name. */
export function anchorsOf(text) {
  const anchors = new Set();
  const unfenced = text.replace(/^( *)(`{3,}|~{3,})[^\n]*\n[\s\S]*?^ *\2[`~]*\s*$/gm, '');
  for (const [, heading] of unfenced.matchAll(/^ {0,3}#{1,6}\s+(.+?)\s*#*\s*$/gm)) {
    const name = slug(heading);
    let free = name;
    for (let n = 1; anchors.has(free); n++) free = `${name}-${n}`;
    anchors.add(free);
  }
  for (const [, id] of unfenced.matchAll(/<[a-z]+\b[^>]*?\s(?:id|name)="([^"]+)"/g)) anchors.add(id);
  return anchors;
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * What is wrong with the links of one page.
 *
 * @param {string} page its path from the root
 * @param {string} text
 * @param {{ kind(path: string): 'file' | 'folder' | undefined, read(path: string): string }} files by path from the root, with `/`
 * @returns {string[]} `<page>:<line>: ...`
 */
export function linkProblems(page, text, files) {
  const problems = [];
  for (const { target, line } of linksOf(text)) {
    const own = OWN.exec(target)?.[1];
    if (own === undefined && /^(?:[a-z][a-z+.-]*:|\/\/)/i.test(target)) continue;
    const problem = (message) => problems.push(`${page}:${line}: ${target}: ${message}`);
    const [path, anchor] = (own ?? target).split('#').map(decoded);
    if (path.startsWith('/')) {
      problem('starts at the root of a disk; make it relative');
      continue;
    }
    const from = own === undefined ? dirname(page) : '.';
    const found =
      path === ''
        ? page
        : relative(ROOT, resolve(ROOT, from, path))
            .split(sep)
            .join('/');
    if (found.startsWith('..')) {
      problem('leaves the repository');
      continue;
    }
    const kind = files.kind(found);
    if (kind === undefined) {
      problem('there is no such file');
      continue;
    }
    if (anchor === undefined || anchor === '') continue;
    const shown = kind === 'folder' ? `${found}/README.md` : found;
    if (!PAGE.test(shown)) {
      if (!/^L\d+(-L\d+)?$/.test(anchor)) problem('only a page has anchors');
      continue;
    }
    if (files.kind(shown) === undefined || !anchorsOf(files.read(shown)).has(anchor)) problem(`there is no heading for #${anchor}`);
  }
  return problems;
}

function pagesBelow(folder) {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return LEFT_OUT.has(entry.name) ? [] : pagesBelow(path);
    return PAGE.test(entry.name) ? [path] : [];
  });
}

function main() {
  const files = {
    kind(path) {
      const full = join(ROOT, path);
      if (!existsSync(full)) return undefined;
      return statSync(full).isDirectory() ? 'folder' : 'file';
    },
    read: (path) => readFileSync(join(ROOT, path), 'utf8'),
  };
  const top = readdirSync(ROOT).filter((name) => PAGE.test(name));
  for (const page of [...top, ...FOLDERS.filter((name) => existsSync(join(ROOT, name))).flatMap(pagesBelow)]) {
    for (const problem of linkProblems(page, files.read(page), files)) {
      console.error(problem);
      process.exitCode = 1;
    }
  }
}

if (realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) main();
