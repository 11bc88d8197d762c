import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

export const WORKSPACE = join(import.meta.dirname, '..', '..');
const PLUGIN = join(WORKSPACE, 'test', 'third-party');
const run = promisify(execFile);

/** How a process ended. */
export interface Ended {
  readonly status: number;
  readonly output: string;
}

/** An empty project that has installed what would be published, outside the workspace. */
export interface Consumer {
  readonly dir: string;
  /** Names of the packages of ours it has, and of the plugin. */
  readonly names: readonly string[];
  write(name: string, text: string): void;
  /** Runs a JavaScript file of the project, or of a package in its node_modules, with node. */
  node(...args: readonly string[]): Promise<Ended>;
  /** Runs a script of a package that lies in a folder of the project. */
  npm(folder: string, ...args: readonly string[]): Promise<Ended>;
  done(): void;
}

interface Packed {
  readonly name: string;
  /** Path of the tarball. */
  readonly file: string;
  /** The folder it was packed from. */
  readonly from: string;
}

/** Packs every package of the workspace and the third-party plugin. */
async function packAll(into: string): Promise<Packed[]> {
  const packages = readdirSync(join(WORKSPACE, 'packages')).map((name) => join(WORKSPACE, 'packages', name));
  const npm = ['pack', '--json', '--ignore-scripts', '--pack-destination', into];
  const listed = await Promise.all([
    run('npm', [...npm, '--workspaces'], { cwd: WORKSPACE, maxBuffer: 2 ** 28 }),
    run('npm', npm, { cwd: PLUGIN, maxBuffer: 2 ** 28 }),
  ]);
  const files = listed.flatMap(({ stdout }) => JSON.parse(stdout) as { name: string; filename: string }[]);
  const from = new Map([...packages, PLUGIN].map((folder) => [nameOf(folder), folder]));
  return files
    .filter(({ name }) => from.has(name))
    .map(({ name, filename }) => ({ name, file: join(into, filename), from: from.get(name)! }));
}

function nameOf(folder: string): string | undefined {
  const manifest = join(folder, 'package.json');
  return existsSync(manifest) ? (JSON.parse(readFileSync(manifest, 'utf8')) as { name: string }).name : undefined;
}

/** Names in a node_modules folder, those below a scope spelled out. */
function namesIn(modules: string): string[] {
  if (!existsSync(modules)) return [];
  const names = readdirSync(modules).filter((name) => !name.startsWith('.'));
  return names.flatMap((name) => (name.startsWith('@') ? readdirSync(join(modules, name)).map((below) => `${name}/${below}`) : [name]));
}

/** Links what a node_modules folder holds into another, except what is there already and packages of ours. */
function linkModules(from: string, to: string): void {
  for (const name of namesIn(from)) {
    if (name === 'equimodal' || name.startsWith('@equimodal/') || existsSync(join(to, name))) continue;
    mkdirSync(dirname(join(to, name)), { recursive: true });
    symlinkSync(join(from, name), join(to, name), 'junction');
  }
}

/** Unpacks our packages; everything else is linked from the workspace. Needs no network. */
async function unpackAll(dir: string, packed: readonly Packed[]): Promise<void> {
  const modules = join(dir, 'node_modules');
  for (const { name, file, from } of packed) {
    const place = join(modules, name);
    mkdirSync(place, { recursive: true });
    await run('tar', ['-xzf', file, '--strip-components=1', '-C', place]);
    linkModules(join(from, 'node_modules'), join(place, 'node_modules'));
  }
  linkModules(join(WORKSPACE, 'node_modules'), modules);
  symlinkSync(join(WORKSPACE, 'node_modules', '.bin'), join(modules, '.bin'), 'junction');
}

/** Installs with npm, from the tarballs and for the rest from the registry the user has. */
async function installAll(dir: string, packed: readonly Packed[]): Promise<void> {
  const { devDependencies } = JSON.parse(readFileSync(join(WORKSPACE, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  const tools = ['typescript', 'vitest', '@types/node'].map((name) => `${name}@${devDependencies[name]}`);
  const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'];
  await run('npm', ['install', ...flags, ...packed.map(({ file }) => file), ...tools], { cwd: dir, maxBuffer: 2 ** 26 });
}

/** @param how `npm` installs as a user does; `unpacked` takes what is not ours from the workspace, which is quick and needs no network */
export async function makeConsumer(how: 'npm' | 'unpacked'): Promise<Consumer> {
  const root = mkdtempSync(join(tmpdir(), 'equimodal-consumer-'));
  const dir = join(root, 'project');
  const tarballs = join(root, 'tarballs');
  mkdirSync(dir);
  mkdirSync(tarballs);
  const write: Consumer['write'] = (name, text) => {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  };
  write('package.json', JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  const packed = await packAll(tarballs);
  await (how === 'npm' ? installAll : unpackAll)(dir, packed);
  const { VITEST: _1, VITEST_WORKER_ID: _2, VITEST_POOL_ID: _3, VITEST_MODE: _4, NODE_ENV: _5, FORCE_COLOR: _6, ...env } = process.env;
  const ended = async (file: string, args: readonly string[], cwd: string): Promise<Ended> => {
    try {
      const { stdout, stderr } = await run(file, args, { cwd, env, maxBuffer: 2 ** 26 });
      return { status: 0, output: stdout + stderr };
    } catch (error) {
      const { code, stdout = '', stderr = '' } = error as { code: number; stdout?: string; stderr?: string };
      return { status: code, output: stdout + stderr };
    }
  };
  return {
    dir,
    names: packed.map(({ name }) => name),
    write,
    node: (...args) => ended(process.execPath, args, dir),
    npm: (folder, ...args) => ended('npm', args, join(dir, folder)),
    done: () => rmSync(root, { recursive: true, force: true }),
  };
}
