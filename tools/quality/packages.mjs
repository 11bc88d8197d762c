/**
 * Checks that every package is one that can be published: a real description, licence, entry points and files,
 * a README that says what it is, tests, and documentation beside every piece. Fails with a line per problem.
 */
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nameOf, SCOPE } from './boundaries.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LICENSE = 'Apache-2.0';

/** What is wrong with a manifest, of the package in `packages/<folder>`. */
export function manifestProblems(manifest, folder, version) {
  const problems = [];
  const expect = (holds, message) => {
    if (!holds) problems.push(`package.json: ${message}`);
  };
  expect(manifest.name === nameOf(folder), `name is ${manifest.name}, not ${nameOf(folder)}`);
  expect(manifest.version === version, `version is ${manifest.version}, not ${version} as in the workspace`);
  expect(manifest.private !== true, 'is private');
  expect((manifest.description ?? '').length >= 15, 'description is missing or says nothing');
  expect(manifest.license === LICENSE, `license is ${manifest.license}, not ${LICENSE}`);
  expect(manifest.type === 'module', 'type is not module');
  expect(manifest.engines?.node !== undefined, 'engines.node is missing');
  expect(manifest.repository?.directory === `packages/${folder}`, 'repository.directory is not its folder');
  for (const file of ['dist', 'README.md', 'LICENSE']) expect(manifest.files?.includes(file), `files lacks ${file}`);
  const entry = manifest.exports?.['.'] ?? {};
  for (const key of ['types', 'default']) {
    expect(entry[key]?.startsWith('./dist/'), `exports["."].${key} does not point into dist`);
  }
  expect(entry.default === undefined || Object.keys(entry).at(-1) === 'default', 'exports["."].default is not last');
  for (const [name, range] of Object.entries(manifest.dependencies ?? {})) {
    expect(!name.startsWith(SCOPE) || range === version, `${name} is ${range}, not ${version}`);
    expect(!/^(file:|link:|workspace:|\*$|latest$)/.test(range), `${name} is ${range}: not a version others can install`);
  }
  return problems;
}

/** What is wrong with a package's README: it has to name the package and to say something of its own. */
export function readmeProblems(text, name) {
  if (text === undefined) return ['README.md is missing'];
  const problems = [];
  const title = /^# (.+)$/m.exec(text)?.[1];
  if (!title?.includes(name)) problems.push(`README.md: the title does not name ${name}`);
  if (text.replace(/^#.*$/gm, '').trim().split(/\s+/).length < 40) problems.push('README.md: says next to nothing');
  return problems;
}

/** What a piece (`<folder>/<folder>.ts` with a `definePiece`) lacks. */
export function pieceProblems(folder, files, source) {
  if (!source.includes('definePiece(')) return [];
  const problems = [];
  if (!files.includes('README.md')) problems.push(`src/${folder}: a piece without README.md`);
  if (!files.some((name) => name.endsWith('.spec.ts'))) problems.push(`src/${folder}: a piece without a spec`);
  return problems;
}

function read(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function problemsOf(folder, version) {
  const root = join(ROOT, 'packages', folder);
  const manifest = JSON.parse(read(join(root, 'package.json')));
  const entries = readdirSync(join(root, 'src'), { withFileTypes: true });
  const pieces = entries
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => {
      const source = read(join(root, 'src', name, `${name}.ts`)) ?? '';
      return pieceProblems(name, readdirSync(join(root, 'src', name)), source);
    });
  const tested = readdirSync(join(root, 'src'), { recursive: true }).some((name) => name.endsWith('.spec.ts'));
  return [
    ...manifestProblems(manifest, folder, version),
    ...readmeProblems(read(join(root, 'README.md')), manifest.name),
    ...pieces,
    ...(tested ? [] : ['src: has no tests']),
  ].map((problem) => `packages/${folder}: ${problem}`);
}

function main() {
  const { version } = JSON.parse(read(join(ROOT, 'package.json')));
  const problems = readdirSync(join(ROOT, 'packages'))
    .filter((folder) => existsSync(join(ROOT, 'packages', folder, 'package.json')))
    .flatMap((folder) => problemsOf(folder, version));
  for (const file of ['LICENSE', 'CITATION.cff', 'README.md']) {
    if (!existsSync(join(ROOT, file))) problems.push(`${file} is missing`);
  }
  if (!read(join(ROOT, 'CITATION.cff'))?.includes(`\nversion: ${version}\n`)) problems.push(`CITATION.cff: version is not ${version}`);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}

if (realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) main();
