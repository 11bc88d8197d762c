import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, runNode, StepFailed } from './process.mjs';

const COMPILER = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
const PROJECT = 'tsconfig.lib.json';

function packages() {
  return readdirSync(join(ROOT, 'packages'))
    .map((name) => join('packages', name))
    .filter((folder) => existsSync(join(ROOT, folder, PROJECT)));
}

/** When a package was compiled last, in milliseconds; 0 when never. */
function compiledAt(folder) {
  const record = join(ROOT, folder, 'dist', 'tsconfig.lib.tsbuildinfo');
  return existsSync(record) ? statSync(record).mtimeMs : 0;
}

/** Removes outputs whose source is gone, which the compiler leaves: they would be published. */
function sweep(folder) {
  const dist = join(ROOT, folder, 'dist');
  for (const name of readdirSync(dist, { recursive: true })) {
    const source = name.replace(/\.(d\.ts|js)(\.map)?$/, '.ts');
    if (source !== name && !existsSync(join(ROOT, folder, 'src', source))) rmSync(join(dist, name));
  }
}

/**
 * Builds every package that changed, in one compiler process: on a bare clone that takes a fifth of the time of
 * sixteen, which is what `nx run-many -t build` starts. The results are the same, and Nx finds them up to date.
 */
export async function build() {
  const folders = packages();
  const before = folders.map(compiledAt);
  const { status, output } = await runNode(COMPILER, ['--build', ...folders.map((folder) => join(folder, PROJECT))]);
  if (status !== 0) throw new StepFailed(`The build failed.\n\n${output.trim()}`);
  folders.forEach(sweep);
  const built = folders.filter((folder, index) => compiledAt(folder) !== before[index]).length;
  return built === 0 ? `${folders.length} packages, up to date` : `${built} of ${folders.length} packages built`;
}
