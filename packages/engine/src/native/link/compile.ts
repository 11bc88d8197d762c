import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lastLine, linkError, runCommand } from './command.js';
import { NAPI, type TfjsNode } from '../library/library.js';
import { libraryNames } from './wheel.js';

const require = createRequire(import.meta.url);

/** Ours, compiled into the add-on: signal handlers must not run on the threads that compute. */
const SIGNAL_SHIELD = fileURLToPath(new URL('../../../native/signal_shield.cc', import.meta.url));

/** The C++ compilers to try: $CXX if it is set, else the usual names. */
function compilers(): readonly string[] {
  const { CXX } = process.env;
  return CXX ? [CXX] : ['g++', 'clang++', 'c++'];
}

/**
 * Compiles the add-on from the sources that `@tensorflow/tfjs-node-gpu` ships, against the headers
 * and libraries in `tensorflow`. One compiler call, no build system.
 *
 * @param output path of the add-on
 * @param rpath where the add-on looks for the libraries when it is loaded
 * @throws EquimodalError EQM_ENGINE_LINK
 */
export async function compileAddon(tfjs: TfjsNode, tensorflow: string, output: string, rpath: string): Promise<void> {
  const { include_dir: nodeApi } = require('node-api-headers') as { include_dir: string };
  const { main, framework } = libraryNames();
  const darwin = process.platform === 'darwin';
  const args = [
    ...(darwin ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared']),
    '-fPIC',
    '-O2',
    '-std=c++17',
    `-DNAPI_VERSION=${NAPI}`,
    ...['-I', nodeApi, '-I', tfjs.folder],
    ...['-I', join(tensorflow, 'include'), '-I', join(tensorflow, 'include', 'external')],
    join(tfjs.folder, 'binding', 'tfjs_backend.cc'),
    join(tfjs.folder, 'binding', 'tfjs_binding.cc'),
    SIGNAL_SHIELD,
    '-pthread',
    ...['-o', output],
    ...(darwin ? [join(tensorflow, main), join(tensorflow, framework)] : ['-L', tensorflow, `-l:${main}`, `-l:${framework}`]),
    `-Wl,-rpath,${rpath}`,
  ];
  for (const compiler of compilers()) {
    const result = await runCommand(compiler, args, { timeout: 10 * 60_000 });
    if (/ENOENT/.test(result.ended ?? '')) continue;
    if (result.status !== 0) throw linkError('compile', `${compiler}: ${lastLine(result)}`);
    return;
  }
  throw linkError('compile', `no C++ compiler (looked for ${compilers().join(', ')})`, 'Install g++ or clang++ (C++17), or set CXX.');
}
