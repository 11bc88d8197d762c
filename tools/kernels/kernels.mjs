/**
 * Compiles the WebAssembly of the front-ends: packages/datasets/assembly/*.ts to packages/datasets/src/kernels/kernels.wasm.ts.
 *
 *     node tools/kernels/kernels.mjs
 *
 * The compiler comes through npx and is no dependency: what it makes is kept, with the hash of its sources, which a spec compares.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sourcesHash } from './sources.mjs';

const COMPILER = 'assemblyscript@0.28.20';
const OPTIONS = ['-O3', '--runtime', 'stub', '--noAssert', '--enable', 'simd', '--use', 'abort='];

const folder = fileURLToPath(new URL('../../packages/datasets/', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'eqm-kernels-'));
try {
  const wasm = join(scratch, 'kernels.wasm');
  execFileSync('npx', ['--yes', '--package', COMPILER, 'asc', 'assembly/index.ts', ...OPTIONS, '-o', wasm], {
    cwd: folder,
    stdio: 'inherit',
  });
  const bytes = readFileSync(wasm);
  const text = [
    `// Made by tools/kernels/kernels.mjs with ${COMPILER}; the sources are in assembly/.`,
    `export const SOURCES = '${sourcesHash()}';`,
    `export const WASM = '${bytes.toString('base64')}';`,
    '',
  ];
  writeFileSync(join(folder, 'src/kernels/kernels.wasm.ts'), text.join('\n'));
  console.log(`${bytes.length} bytes`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
