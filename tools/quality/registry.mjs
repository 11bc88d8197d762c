/**
 * Publishes every package to a registry of its own on this machine (verdaccio), installs `equimodal` from it into an empty project,
 * and uses it there: types under both module resolutions, the command, a short program. Needs a build and what npm downloads.
 *
 *     node tools/quality/registry.mjs [--node 22]      # another Node, from the npm package of that name
 */
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);
const npm = (args, cwd) => run('npm', [...args, '--no-audit', '--no-fund'], { cwd, maxBuffer: 2 ** 26 });
const { values } = parseArgs({ options: { node: { type: 'string' } } });

const EXPERIMENT = {
  dataset: { use: 'synthetic-av', train: 200, validation: 60, test: 60 },
  encoders: { default: { use: 'mlp', hidden: [12], features: 8 } },
  training: { epochs: 3, batchSize: 50 },
  recipes: ['concat', 'lfm-h'],
  reference: 'concat',
};
const PROGRAM = `
import { train } from 'equimodal';
import { accuracy } from '@equimodal/metrics';
const run = await train(${JSON.stringify(EXPERIMENT)}, { recipe: 'lfm-h' });
if (!(run.metrics.test.accuracy > 0)) throw new Error('nothing was learned');
if (accuracy({ size: 1, classes: 2, labels: Int32Array.of(1), probabilities: Float32Array.of(0.2, 0.8) }) !== 1) throw new Error('a metric alone');
`;
const TYPED = `
import { train } from 'equimodal';
import { definePiece } from '@equimodal/core';
export const result: ReturnType<typeof train> = train({ dataset: 'synthetic-av', encoders: { default: 'mlp' }, recipes: ['concat'] });
export const piece = definePiece;
`;

const dir = mkdtempSync(join(tmpdir(), 'equimodal-registry-'));
let registry;
try {
  const url = await startRegistry();
  const token = await makeUser(url);
  const npmrc = join(dir, '.npmrc');
  writeFileSync(npmrc, `registry=${url}\n//${new URL(url).host}/:_authToken=${token}\n`);
  const folders = readdirSync(join(ROOT, 'packages'));
  for (const folder of folders) await npm(['publish', '--userconfig', npmrc, '--ignore-scripts'], join(ROOT, 'packages', folder));
  console.log(`${folders.length} packages published to ${url}`);

  const project = join(dir, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'empty', private: true, type: 'module' }));
  await npm(['install', '--userconfig', npmrc, 'equimodal', 'typescript@6', '@types/node@20'], project);
  const node = await otherNode(npmrc);
  const version = (await run(node, ['--version'])).stdout.trim();
  console.log(`equimodal installed; Node ${version}`);

  const bin = join(project, 'node_modules', 'equimodal', 'bin', 'equimodal.js');
  writeFileSync(join(project, 'mine.json'), JSON.stringify(EXPERIMENT));
  await used('the command', node, [bin, 'compare', 'mine.json', '--jobs', '1'], project);
  writeFileSync(join(project, 'program.js'), PROGRAM);
  await used('a program', node, ['program.js'], project);
  writeFileSync(join(project, 'typed.ts'), TYPED);
  const tsc = join(project, 'node_modules', 'typescript', 'bin', 'tsc');
  const strict = ['--noEmit', '--strict', '--target', 'es2022', '--types', 'node', 'typed.ts'];
  await typed('types, nodenext', node, [tsc, ...strict, '--module', 'nodenext'], project);
  await typed('types, bundler', node, [tsc, ...strict, '--module', 'esnext', '--moduleResolution', 'bundler'], project);
} finally {
  registry?.kill();
  rmSync(dir, { recursive: true, force: true });
}

async function used(what, node, args, cwd) {
  await run(node, args, { cwd, maxBuffer: 2 ** 26 });
  console.log(`${what}: works`);
}

/** Checks all declarations too, without skipLibCheck: ours may have no mistake; those of TensorFlow.js itself contradict TypeScript's. */
async function typed(what, node, args, cwd) {
  const { stdout = '', code } = await run(node, args, { cwd, maxBuffer: 2 ** 26 }).catch((error) => error);
  const mistakes = stdout.split('\n').filter((line) => /: error TS\d+/.test(line));
  if (code !== undefined && mistakes.length === 0) throw new Error(`${what}: the compiler ended with ${code} and named no mistake`);
  const ours = mistakes.filter((line) => !line.startsWith('node_modules/') || /^node_modules\/(@equimodal|equimodal)\//.test(line));
  if (ours.length > 0) throw new Error(`${what}:\n${ours.join('\n')}`);
  console.log(`${what}: works (${mistakes.length} mistakes in declarations of others)`);
}

/** The node that was asked for, or this one. */
async function otherNode(npmrc) {
  if (values.node === undefined) return process.execPath;
  const at = join(dir, 'node');
  mkdirSync(at);
  await npm(['install', '--userconfig', npmrc, `node@${values.node}`], at);
  return join(at, 'node_modules', 'node', 'bin', 'node');
}

/** Verdaccio, which passes on what is not ours from the registry that npm is set to. */
async function startRegistry() {
  const uplink = (await run('npm', ['config', 'get', 'registry'])).stdout.trim();
  const port = await freePort();
  const config = join(dir, 'verdaccio.yaml');
  writeFileSync(
    config,
    JSON.stringify({
      storage: join(dir, 'storage'),
      auth: { htpasswd: { file: join(dir, 'htpasswd'), max_users: 1 } },
      uplinks: { up: { url: uplink } },
      packages: {
        '@equimodal/*': { access: '$all', publish: '$authenticated' },
        equimodal: { access: '$all', publish: '$authenticated' },
        '**': { access: '$all', proxy: 'up' },
      },
      max_body_size: '100mb',
      log: { type: 'stdout', level: 'error' },
    }),
  );
  // Verdaccio asks for node-fetch by a tag, which mirrors of the registry do not have.
  const home = join(dir, 'verdaccio');
  mkdirSync(home);
  writeFileSync(join(home, 'package.json'), JSON.stringify({ private: true, overrides: { 'node-fetch': '^2.7.0' } }));
  await npm(['install', 'verdaccio@6'], home);
  const program = join(home, 'node_modules', 'verdaccio', 'bin', 'verdaccio');
  registry = spawn(process.execPath, [program, '--config', config, '--listen', `127.0.0.1:${port}`], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}/`;
  for (let tries = 0; tries < 300; tries++) {
    if (registry.exitCode !== null) throw new Error('verdaccio ended');
    const up = await fetch(`${url}-/ping`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (up) return url;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error('verdaccio did not answer');
}

async function makeUser(url) {
  const response = await fetch(`${url}-/user/org.couchdb.user:check`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'check', password: 'check-check-check' }),
  });
  const { token } = await response.json();
  if (token === undefined) throw new Error(`the registry made no user: ${response.status}`);
  return token;
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
