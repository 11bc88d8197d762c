import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, EquimodalError, messageOf, type NativeInfo, type Problem } from '@equimodal/core';
import { findNative, findTfjsNode, linkedInfo, NAPI, nativeFolder, type Manifest, type TfjsNode } from '../library/library.js';
import { linkError, runCommand } from './command.js';
import { compileAddon } from './compile.js';
import { withLock } from './lock.js';
import { installOfficial } from './official.js';
import { smokeTestOrRestrict } from './smoke.js';
import { downloadWheel, findInstalled, libraryNames, unpackWheel, type TensorFlowFiles } from './wheel.js';

export interface LinkOptions {
  /** Told one line per step. */
  readonly onProgress?: (line: string) => void;
  /**
   * `wheel`: compile against a TensorFlow wheel. `official`: the package's own install script.
   * `auto` (default): both, the official binary first where there is an NVIDIA GPU.
   */
  readonly from?: 'auto' | 'official' | 'wheel';
  /** A wheel file to use, of `tensorflow-cpu` (tried) or `tensorflow` with CUDA (same layout, untried). */
  readonly wheel?: string;
  /** Link again though a usable library is there. */
  readonly force?: boolean;
}

const TEMPORARY = '.link-';
const ADDON = 'tfjs_binding.node';

async function hasNvidiaGpu(): Promise<boolean> {
  return (await runCommand('nvidia-smi', ['-L'], { timeout: 10_000 })).status === 0;
}

/** Puts a finished folder in the place of the native folder, in one rename. */
function install(from: string): void {
  const target = nativeFolder();
  const old = `${from}-old`;
  if (existsSync(target)) renameSync(target, old);
  renameSync(from, target);
  rmSync(old, { recursive: true, force: true });
}

/** Finds, fetches or unpacks the TensorFlow to link to. */
async function obtain(folder: string, options: LinkOptions, say: (line: string) => void): Promise<TensorFlowFiles> {
  if (options.wheel !== undefined) {
    say(`wheel: unpacking ${options.wheel}`);
    return unpackWheel(options.wheel, folder);
  }
  const installed = await findInstalled();
  if (installed !== null) {
    say(`wheel: using the installed TensorFlow ${installed.version} in ${installed.folder}`);
    return installed;
  }
  say('wheel: downloading with pip (about 280 MB)');
  const downloads = join(folder, 'download');
  const wheel = await downloadWheel(downloads);
  say('wheel: unpacking');
  const files = await unpackWheel(wheel, folder);
  rmSync(downloads, { recursive: true, force: true });
  return files;
}

async function linkWheel(tfjs: TfjsNode, options: LinkOptions, say: (line: string) => void): Promise<NativeInfo> {
  if (process.platform === 'win32') {
    throw linkError('wheel', 'linking to a wheel works on Linux and macOS only', "Use `from: 'official'` on Windows.");
  }
  const folder = mkdtempSync(join(cacheFolder(), TEMPORARY));
  try {
    const files = await obtain(folder, options, say);
    const origin = process.platform === 'darwin' ? '@loader_path' : '$ORIGIN';
    const addon = join(folder, ADDON);
    say('wheel: compiling the add-on');
    await compileAddon(tfjs, files.folder, addon, files.owned ? `${origin}/tensorflow` : files.folder);
    say('wheel: smoke test');
    const { version, environment } = await smokeTestOrRestrict(tfjs, addon, say);
    const { main } = libraryNames();
    const manifest: Manifest = {
      format: 2,
      origin: 'linked',
      tensorflow: version,
      addon: ADDON,
      library: files.owned ? join('tensorflow', main) : join(files.folder, main),
      libraryBytes: statSync(join(files.folder, main)).size,
      tfjs: tfjs.version,
      napi: NAPI,
      node: { platform: process.platform, arch: process.arch },
      ...(environment === undefined ? {} : { environment }),
    };
    if (files.owned) rmSync(join(files.folder, 'include'), { recursive: true, force: true });
    writeFileSync(join(folder, 'native.json'), JSON.stringify(manifest, null, 2));
    install(folder);
    return linkedInfo(nativeFolder(), manifest);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Prepares the native engine: TensorFlow itself behind TensorFlow.js. Idempotent; two processes that
 * call it at once do the work once. What it needs for a wheel: Python 3 with pip, a C++17 compiler, some 1.5 GB of
 * disk while it works and 0.9 GB after. Never waits for a network that is not there.
 *
 * @returns where the add-on is and which TensorFlow it uses.
 * @throws EquimodalError EQM_ENGINE_LINK, with one problem per way that failed, naming its step.
 */
export async function linkNative(options: LinkOptions = {}): Promise<NativeInfo> {
  const say = options.onProgress ?? (() => undefined);
  const tfjs = findTfjsNode();
  if (tfjs === null) {
    throw linkError(
      'package',
      '@tensorflow/tfjs-node-gpu is not installed',
      'npm install @tensorflow/tfjs-node-gpu@4.22.0 --ignore-scripts',
    );
  }
  const usable = (): NativeInfo | null => (options.force === true ? null : findNative().info);
  const cache = cacheFolder();
  mkdirSync(cache, { recursive: true });

  const work = async (): Promise<NativeInfo> => {
    const already = usable();
    if (already !== null) {
      say(`already there: ${already.addon}`);
      return already;
    }
    // What a killed process may have left; we hold the lock, so nobody uses it.
    for (const name of readdirSync(cache)) {
      if (name.startsWith(TEMPORARY)) rmSync(join(cache, name), { recursive: true, force: true });
    }
    const from = options.from ?? 'auto';
    const ways =
      from !== 'auto'
        ? [from]
        : options.wheel !== undefined
          ? (['wheel'] as const)
          : (await hasNvidiaGpu())
            ? (['official', 'wheel'] as const)
            : (['wheel', 'official'] as const);
    const problems: Problem[] = [];
    for (const way of ways) {
      try {
        return way === 'official' ? await installOfficial(tfjs, say) : await linkWheel(tfjs, options, say);
      } catch (error) {
        const message = messageOf(error);
        say(`${way}: failed: ${message}`);
        problems.push({
          where: way,
          message,
          ...(error instanceof EquimodalError ? { fix: error.fix } : {}),
        });
      }
    }
    const summary = problems.map(({ where, message }) => `${where}: ${message}`).join('; ');
    throw new EquimodalError('EQM_ENGINE_LINK', `The native engine could not be linked (${summary})`, {
      problems,
    });
  };
  return withLock(join(cache, 'link.lock'), work, {
    onWait: () => say('waiting for another process that is linking'),
  });
}
