import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { difference, lockHash } from './lockfile.mjs';
import { ROOT, run, runNode, StepFailed, tail } from './process.mjs';

const LOCK = join(ROOT, 'package-lock.json');
const MODULES = join(ROOT, 'node_modules');
const STAMP = join(MODULES, '.equimodal-lock');

function readText(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function readJson(path) {
  try {
    return JSON.parse(readText(path));
  } catch {
    return undefined;
  }
}

/** Why packages have to be installed, or undefined when they are there. Writes the stamp in the latter case. */
export function whyInstall() {
  if (!existsSync(MODULES)) return 'no packages yet';
  const hash = lockHash(readText(LOCK));
  if (readText(STAMP) === hash) return undefined;
  // Not installed by us, or changed since: somebody may have run npm by hand.
  const stale = difference(readJson(LOCK), readJson(join(MODULES, '.package-lock.json')));
  if (stale === undefined) writeFileSync(STAMP, hash);
  return stale;
}

function npm(args, options) {
  const script = process.env.npm_execpath;
  const isNpm = script !== undefined && /^npm-cli\.[cm]?js$/.test(basename(script));
  return isNpm ? runNode(script, args, options) : run('npm', args, options);
}

/** Installs the locked packages where they are absent or stale. Returns what was done. */
export async function install(note = () => {}) {
  const reason = whyInstall();
  if (reason === undefined) return 'up to date';
  note(`npm ci: ${reason}`);
  const { status, output } = await npm(['ci', '--no-audit', '--no-fund', '--loglevel=notice']);
  if (status !== 0) {
    throw new StepFailed(
      `npm ci failed (status ${status}):\n${tail(output)}\n\nIs the package registry reachable (npm ping)? Then run the same command again.`,
    );
  }
  writeFileSync(STAMP, lockHash(readText(LOCK)));
  return output.match(/^added \d+ packages/m)?.[0] ?? 'installed';
}
