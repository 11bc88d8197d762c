/**
 * Checks what npm would publish: every entry point and everything it imports is in the package, sources of the source maps
 * too, and no test file, no build record and nothing undeclared is. Needs a build. Fails with a line per problem.
 */
import { execFile } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TEST_FILE = /\.(spec|fixture|e2e)\.|(^|\/)(test-output|fixtures)\/|\.tsbuildinfo$|(^|\/)vitest\.config/;
const FILE_IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*|\bnew URL\()(['"])(\.{1,2}\/[^'"]+)\1/g;
const PACKAGE_IMPORT = /^\s*(?:import|export)\s(?:[^;'"]*?\sfrom\s*)?(['"])([^.'"][^'"]*)\1/gm;

/** The targets of an export map, whatever the conditions. */
export function exportTargets(exported) {
  if (typeof exported === 'string') return [exported];
  return Object.values(exported ?? {}).flatMap(exportTargets);
}

function packageName(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Text without block comments and lines of comment: an example in a doc comment imports nothing. */
function withoutComments(text) {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

/**
 * What is wrong with the files of a package.
 *
 * @param {object} manifest its package.json
 * @param {readonly string[]} files paths inside the package, with `/`
 * @param {(path: string) => string} read the text of one of them
 */
export function packedProblems(manifest, files, read) {
  const problems = [];
  const packed = new Set(files);
  const expect = (holds, message) => {
    if (!holds) problems.push(message);
  };
  for (const file of files) expect(!TEST_FILE.test(file), `${file} is packed`);
  for (const file of ['package.json', 'README.md', 'LICENSE']) expect(packed.has(file), `${file} is not packed`);

  const targets = [...exportTargets(manifest.exports), ...Object.values(manifest.bin ?? {})].map((path) => path.replace(/^\.\//, ''));
  for (const target of targets) expect(packed.has(target), `${target}, an entry point, is not packed`);
  for (const key of Object.keys(manifest.exports ?? {})) expect(!key.includes('*'), `exports "${key}" opens what is internal`);
  for (const path of Object.values(manifest.bin ?? {})) {
    expect(read(path.replace(/^\.\//, '')).startsWith('#!/usr/bin/env node\n'), `${path} does not say that node runs it`);
  }

  const declared = new Set([manifest.name, ...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })]);
  for (const file of files.filter((path) => /^(dist|bin)\/.*\.(js|d\.ts)$/.test(path))) {
    const text = withoutComments(read(file));
    for (const [, , specifier] of text.matchAll(FILE_IMPORT)) {
      const target = posix.join(posix.dirname(file), specifier);
      if (!/\.\w+$/.test(target)) continue; // a folder, read at run time
      expect(packed.has(target), `${file} needs ${target}, which is not packed`);
    }
    for (const [, , specifier] of text.matchAll(PACKAGE_IMPORT)) {
      if (isBuiltin(specifier)) continue;
      expect(declared.has(packageName(specifier)), `${file} imports ${packageName(specifier)}, which package.json does not name`);
    }
    if (!file.startsWith('dist/')) continue;
    if (file.endsWith('.js')) expect(packed.has(file.replace(/js$/, 'd.ts')), `${file} has no types`);
    if (!packed.has(`${file}.map`)) {
      problems.push(`${file} has no source map`);
      continue;
    }
    for (const source of JSON.parse(read(`${file}.map`)).sources) {
      const target = posix.join(posix.dirname(file), source);
      expect(packed.has(target), `${file}.map points to ${target}, which is not packed`);
    }
  }
  return [...new Set(problems)];
}

async function main() {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts', '--workspaces'];
  const { stdout } = await promisify(execFile)(npm, args, { cwd: ROOT, maxBuffer: 2 ** 28 });
  const listed = new Map(JSON.parse(stdout).map(({ name, files }) => [name, files.map(({ path }) => path)]));
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  for (const [folder, { name }] of Object.entries(packages)) {
    if (!folder.startsWith('packages/') || folder.includes('node_modules')) continue;
    const read = (path) => readFileSync(join(ROOT, folder, path), 'utf8');
    const manifest = JSON.parse(read('package.json'));
    const files = listed.get(name ?? manifest.name);
    const problems = files === undefined ? ['npm does not pack it'] : packedProblems(manifest, files, read);
    for (const problem of problems) console.error(`${folder}: ${problem}`);
    if (problems.length > 0) process.exitCode = 1;
  }
}

if (realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) await main();
