/** What a comparison left behind, and how two of them differ. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Folders with a run.json below a folder, relative to it. */
function runFolders(root, dir = root) {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory()) return [];
    const path = join(dir, entry.name);
    return existsSync(join(path, 'run.json')) ? [relative(root, path)] : runFolders(root, path);
  });
}

/** The training steps of a run, in order, as text: epoch, step and losses. */
export function stepsOf(signals) {
  return signals
    .split('\n')
    .filter((line) => line.startsWith('{"type":"step.completed"'))
    .map((line) => JSON.stringify({ ...JSON.parse(line), index: undefined }));
}

/** Status, manifest, figures and steps of every run of a comparison. */
export function outcomeOf(root) {
  const text = (...path) => (existsSync(join(root, ...path)) ? readFileSync(join(root, ...path), 'utf8') : null);
  return Object.fromEntries(
    runFolders(root).map((run) => {
      const manifest = text(run, 'run.json');
      const { status, error } = JSON.parse(manifest);
      return [run, { status, error, manifest, metrics: text(run, 'metrics.json'), signals: text(run, 'signals.jsonl') ?? '' }];
    }),
  );
}

/** Runs that were completed in the first outcome and are not the same, to the byte, in the second. */
export function redone(before, after) {
  return Object.entries(before)
    .filter(([run, { status, manifest, signals }]) => {
      return status === 'completed' && (after[run]?.manifest !== manifest || after[run]?.signals !== signals);
    })
    .map(([run]) => `${run} had finished and was touched again`);
}

/** How an outcome differs from the undisturbed one, in words; empty when it does not. */
export function differences(undisturbed, outcome) {
  const problems = Object.keys(outcome)
    .filter((run) => undisturbed[run] === undefined)
    .map((run) => `${run} is there and should not be`);
  for (const [run, expected] of Object.entries(undisturbed)) {
    const got = outcome[run];
    if (got === undefined) problems.push(`${run} is lost`);
    else if (got.status !== 'completed') problems.push(`${run} is ${got.status}`);
    else {
      if (got.metrics !== expected.metrics) problems.push(`${run}: metrics.json differs`);
      const [steps, wanted] = [stepsOf(got.signals), stepsOf(expected.signals)];
      const at = wanted.findIndex((step, i) => step !== steps[i]);
      if (at >= 0 || steps.length !== wanted.length)
        problems.push(`${run}: ${steps.length} steps in signals.jsonl, expected ${wanted.length}; the first that differs is ${at}`);
    }
  }
  return problems;
}
