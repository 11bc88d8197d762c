import { existsSync, readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { lastLine, linkError, runCommand, type CommandResult } from './command.js';

/** The wheel that is fetched when no TensorFlow is installed. */
export const WHEEL = { name: 'tensorflow-cpu', version: '2.21.0' } as const;
/** The oldest TensorFlow whose wheel has the C++ library apart. */
export const MINIMUM = [2, 16] as const;

/** A folder laid out as the `tensorflow` folder of a wheel. */
export interface TensorFlowFiles {
  /** Holds the shared libraries and `include`. */
  readonly folder: string;
  readonly version: string;
  /** True when the folder is ours and moves into the cache. */
  readonly owned: boolean;
}

/** File names of the two libraries. */
export function libraryNames(platform: NodeJS.Platform = process.platform): {
  readonly main: string;
  readonly framework: string;
} {
  return platform === 'darwin'
    ? { main: 'libtensorflow_cc.2.dylib', framework: 'libtensorflow_framework.2.dylib' }
    : { main: 'libtensorflow_cc.so.2', framework: 'libtensorflow_framework.so.2' };
}

export function isComplete(folder: string): boolean {
  const { main, framework } = libraryNames();
  return [main, framework, join('include', 'tensorflow', 'c', 'eager', 'c_api.h')].every((name) => existsSync(join(folder, name)));
}

/** Runs Python 3, by whichever name it has. */
async function python(args: readonly string[], timeout: number): Promise<CommandResult> {
  let result: CommandResult | undefined;
  for (const name of process.platform === 'win32' ? ['python', 'py'] : ['python3', 'python']) {
    result = await runCommand(name, args, { timeout });
    if (result.status !== null || !/ENOENT/.test(result.ended ?? '')) return result;
  }
  return result!;
}

const FIND = `
import importlib.util, importlib.metadata, os
spec = importlib.util.find_spec('tensorflow')
if spec is not None and spec.submodule_search_locations:
    folder = list(spec.submodule_search_locations)[0]
    for name in ('tensorflow', 'tensorflow-cpu', 'tensorflow-intel', 'tensorflow-rocm'):
        try:
            print(importlib.metadata.version(name)); print(os.path.realpath(folder)); break
        except importlib.metadata.PackageNotFoundError:
            pass
`;

/** The TensorFlow of the user's Python, if it is new enough and complete. Does not import it. */
export async function findInstalled(): Promise<TensorFlowFiles | null> {
  const { status, stdout } = await python(['-c', FIND], 20_000);
  const [version, folder] = stdout.trim().split(/\r?\n/);
  if (status !== 0 || !version || !folder || !isComplete(folder)) return null;
  const [major, minor] = version.split('.').map(Number);
  if (major! < MINIMUM[0] || (major === MINIMUM[0] && minor! < MINIMUM[1])) return null;
  return { folder, version, owned: false };
}

/** Fetches the wheel into `into` with pip, as the user has pip configured. */
export async function downloadWheel(into: string): Promise<string> {
  const base = ['-m', 'pip', 'download', '--no-deps', '--retries', '0', '--only-binary=:all:', '--disable-pip-version-check', '-d', into];
  const wanted = `${WHEEL.name}==${WHEEL.version}`;
  await mkdir(into, { recursive: true });
  let result = await python([...base, wanted], 20 * 60_000);
  if (result.status !== 0 && /No matching distribution/i.test(`${result.stdout}${result.stderr}`) && process.platform === 'linux') {
    // Only the libraries are used, so a wheel for another Python serves as well.
    const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
    const foreign = ['--python-version', '3.11', '--implementation', 'cp', '--platform', `manylinux_2_27_${machine}`];
    result = await python([...base, ...foreign, wanted], 20 * 60_000);
  }
  if (/ENOENT/.test(result.ended ?? '')) throw linkError('download', 'Python 3 was not found', 'Install Python 3 with pip.');
  const wheel = readdirSync(into).find((name) => name.endsWith('.whl'));
  if (result.status !== 0 || wheel === undefined) {
    throw linkError(
      'download',
      `pip could not fetch ${wanted}: ${lastLine(result)}`,
      'Check the network or pip index, or give a wheel file.',
    );
  }
  return join(into, wheel);
}

const UNPACK = `
import sys, zipfile
wheel, into, *libraries = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    names = archive.namelist()
    wanted = [n for n in names if n.startswith('tensorflow/include/') or n in libraries]
    missing = set(libraries) - set(names)
    if missing: sys.exit('the wheel has no ' + ', '.join(sorted(missing)))
    archive.extractall(into, wanted)
`;

/**
 * Unpacks headers and the two libraries of a wheel into `into`/tensorflow. Works on any wheel with
 * the layout of `tensorflow-cpu`; the GPU wheel `tensorflow` is said to have it, which is untried.
 */
export async function unpackWheel(wheel: string, into: string): Promise<TensorFlowFiles> {
  const file = resolve(wheel);
  if (!existsSync(file)) throw linkError('unpack', `there is no wheel at ${file}`);
  const { main, framework } = libraryNames();
  const args = ['-c', UNPACK, file, into, `tensorflow/${main}`, `tensorflow/${framework}`];
  const result = await python(args, 10 * 60_000);
  const folder = join(into, 'tensorflow');
  if (result.status !== 0 || !isComplete(folder)) throw linkError('unpack', `${basename(file)}: ${lastLine(result)}`);
  const version = /^[^-]+-([^-]+)-/.exec(basename(file))?.[1] ?? 'unknown';
  return { folder, version, owned: true };
}
