import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { NativeInfo } from '@equimodal/core';
import { lastLine, linkError, runCommand } from './command.js';
import { officialAddon, type TfjsNode } from '../library/library.js';
import { smokeTest } from './smoke.js';

/** Bytes in a folder, to see whether a download moves. */
function bytesIn(folder: string): number {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })!.size, 0);
}

/** PATH with the executables of the npm packages around a folder in front. */
function pathAround(folder: string): string {
  const bins: string[] = [];
  for (let at = folder; dirname(at) !== at; at = dirname(at)) bins.push(join(at, 'node_modules', '.bin'));
  return [...bins, process.env['PATH'] ?? ''].join(delimiter);
}

/**
 * Runs the install script of `@tensorflow/tfjs-node-gpu`, which downloads libtensorflow and an add-on
 * into the package's own folder. Gives up when nothing arrives for 45 seconds.
 *
 * @throws EquimodalError EQM_ENGINE_LINK
 */
export async function installOfficial(tfjs: TfjsNode, onProgress: (line: string) => void): Promise<NativeInfo> {
  const addon = officialAddon(tfjs);
  if (!existsSync(addon)) {
    onProgress('official: running the install script of @tensorflow/tfjs-node-gpu');
    const packageFile = join(tfjs.folder, 'package.json');
    const before = readFileSync(packageFile, 'utf8');
    let seen = -1;
    let since = Date.now();
    const result = await runCommand(process.execPath, ['scripts/install.js', 'gpu', 'download'], {
      cwd: tfjs.folder,
      env: { ...process.env, PATH: pathAround(tfjs.folder) },
      timeout: 15 * 60_000,
      stalled: () => {
        const now = bytesIn(join(tfjs.folder, 'deps')) + bytesIn(join(tfjs.folder, 'lib'));
        if (now !== seen) since = Date.now();
        seen = now;
        return Date.now() - since > 45_000;
      },
    });
    // The script edits the package's manifest while it works.
    if (readFileSync(packageFile, 'utf8') !== before) writeFileSync(packageFile, before);
    if (result.status !== 0 || !existsSync(addon)) {
      for (const name of ['deps', 'lib', 'build-tmp-napi-v8']) rmSync(join(tfjs.folder, name), { recursive: true, force: true });
      throw linkError('official download', lastLine(result), 'Check the network; TFJS_NODE_CDN_STORAGE names a mirror.');
    }
  }
  onProgress('official: smoke test');
  try {
    const { version } = await smokeTest(tfjs, addon);
    return { origin: 'official', tensorflow: version, addon };
  } catch (error) {
    // A binary that does not work here must not be found again.
    rmSync(dirname(addon), { recursive: true, force: true });
    throw error;
  }
}
