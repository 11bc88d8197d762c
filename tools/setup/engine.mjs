import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT, runNode } from './process.mjs';

const LINKER = fileURLToPath(new URL('./link-engine.mjs', import.meta.url));
const CLI = join(ROOT, 'packages', 'cli', 'bin', 'equimodal.js');
/** A failed attempt, so that a machine that cannot link does not try again at every start. */
const FAILURE = join(ROOT, '.cache', 'setup', 'engine.json');
const DAY = 24 * 60 * 60 * 1000;

/** @returns {{ problem: string, at: number } | undefined} the last failed attempt, while it still counts */
function rememberedFailure(now) {
  try {
    const failure = JSON.parse(readFileSync(FAILURE, 'utf8'));
    const same = failure.node === process.version && failure.cache === process.env.EQUIMODAL_CACHE;
    return same && now - failure.at < DAY ? failure : undefined;
  } catch {
    return undefined;
  }
}

function remember(problem, at) {
  mkdirSync(dirname(FAILURE), { recursive: true });
  const { EQUIMODAL_CACHE: cache } = process.env;
  writeFileSync(FAILURE, JSON.stringify({ problem, at, node: process.version, cache }));
}

function firstLine(text) {
  const line = text.split('\n')[0];
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

/**
 * Prepares the native engine. Never fails the set-up: without it the next best engine is taken, and said.
 *
 * @param {(line: string) => void} note
 * @param {{ retry?: boolean }} [options] `retry`: try again although it failed here within a day
 */
export async function prepareEngine(note, { retry = false } = {}) {
  const asked = process.env.EQUIMODAL_ENGINE;
  if (asked === 'wasm' || asked === 'cpu') return `nothing to prepare for EQUIMODAL_ENGINE=${asked}`;
  const before = retry ? undefined : rememberedFailure(Date.now());
  if (before !== undefined) {
    return `not native (${firstLine(before.problem)}; \`npm run setup\` tries again); taking ${await engineInUse()}`;
  }
  let info;
  let problem;
  const { status, output } = await runNode(LINKER, [], {
    ipc: (message) => {
      if (message.line !== undefined) note(message.line);
      if (message.info !== undefined) info = message.info;
      if (message.problem !== undefined) problem = message.problem;
    },
  });
  if (info !== undefined) {
    rmSync(FAILURE, { force: true });
    return `native, TensorFlow ${info.tensorflow} (${info.origin})`;
  }
  problem ??= status > 128 ? `the linker crashed (status ${status})` : output.trim().split('\n').at(-1) || `status ${status}`;
  remember(problem, Date.now());
  return `not native: ${firstLine(problem)}; taking ${await engineInUse()}`;
}

/** The answer of `equimodal doctor --json`, or undefined when it has none. */
export async function diagnose() {
  const { status, stdout } = await runNode(CLI, ['doctor', '--json']);
  if (status !== 0) return undefined;
  try {
    return JSON.parse(stdout);
  } catch {
    return undefined;
  }
}

/** In a few words: which engine is used now. */
export async function engineInUse() {
  const report = await diagnose();
  return report === undefined ? 'an engine that `equimodal doctor` does not name' : describe(report);
}

/** `native, TensorFlow 2.21.0 (linked)`, `wasm`, ... from the doctor's report. */
export function describe({ engine }) {
  const { id, native, gpu } = engine;
  const library = native === null ? '' : `, TensorFlow ${native.tensorflow} (${native.origin})`;
  return `${id}${library}${gpu ? ', on the GPU' : ''}`;
}
