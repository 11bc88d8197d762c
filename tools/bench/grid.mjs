/**
 * A grid of runs as one command on each side, from process start to exit.
 *
 * The data set is generated once, before either side starts, and written to a folder; both sides load it from there:
 * loading is part of both, generating part of neither.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endWithUs, here, ourEnvironment } from './sides.mjs';
import { watchMemory } from './process-tree.mjs';

const ROOT = here('../..');

/** Runs a command to its end. */
function command(file, args, env) {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = endWithUs(spawn(file, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] }));
    const memory = watchMemory(child.pid);
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    child.on('error', reject);
    child.on('close', (status) => {
      const [wallMs, peakMb] = [performance.now() - started, memory.stop()];
      if (status === 0) resolve({ wallMs, peakMb, stdout });
      else reject(new Error(`${file} ${args.slice(0, 2).join(' ')} ended with status ${status}:\n${stderr.slice(-2000)}`));
    });
  });
}

function writeArray(folder, name, array) {
  writeFileSync(join(folder, name), Buffer.from(array.buffer, array.byteOffset, array.byteLength));
}

/** Writes every split as raw little-endian arrays, and what they are to meta.json. */
async function writeData(folder, dataset) {
  const { classes, modalities, splits } = dataset;
  for (const [name, split] of Object.entries(splits)) {
    const arrays = await split.read(Int32Array.from({ length: split.size }, (_, row) => row));
    for (const { name: modality } of modalities) writeArray(folder, `${name}-${modality}.f32`, arrays[modality]);
    writeArray(folder, `${name}-labels.i32`, split.labels);
  }
  const sizes = Object.fromEntries(Object.entries(splits).map(([name, { size }]) => [name, size]));
  writeFileSync(join(folder, 'meta.json'), JSON.stringify({ classes, modalities, sizes, fingerprint: dataset.fingerprint }));
}

/** What the peer has to do, from the resolved experiment. */
function peerTask(experiment) {
  return {
    seeds: experiment.seeds,
    rows: experiment.recipes.map(({ id, encoders, training, modalities }) => ({ id, encoders, training, modalities })),
  };
}

/** Prepares a grid workload in a temporary folder. */
export async function openGrid({ experiment: file, recipes, rows }) {
  const { builtInHost } = await import('@equimodal/cli');
  const { loadDataset } = await import('@equimodal/comparison');
  const { ConfigSource, resolveExperiment } = await import('@equimodal/core');
  const folder = mkdtempSync(join(tmpdir(), 'equimodal-bench-'));
  const experiment = await resolveExperiment(builtInHost(), ConfigSource.read(join(ROOT, file)), { recipes });
  if (experiment.recipes.length !== rows) throw new Error(`${file} has ${experiment.recipes.length} of these rows, not ${rows}`);
  await writeData(folder, await loadDataset(builtInHost(), experiment, undefined));
  const changed = { extends: join(ROOT, file), plugins: [here('./ours/grid-data.mjs')], dataset: { use: 'grid-data', folder } };
  writeFileSync(join(folder, 'grid.yaml'), JSON.stringify(changed));
  writeFileSync(join(folder, 'task.json'), JSON.stringify(peerTask(experiment)));
  let repetition = 0;
  return {
    /** `equimodal compare` with its own pool. */
    async ours(options) {
      const out = join(folder, `runs-${repetition++}`);
      const args = ['compare', join(folder, 'grid.yaml'), '--recipes', recipes.join(','), '--out', out];
      if (options.engine !== null) args.push('--engine', options.engine);
      const { wallMs, peakMb } = await command(
        process.execPath,
        [here('../../packages/cli/bin/equimodal.js'), ...args],
        ourEnvironment(options),
      );
      const results = JSON.parse(readFileSync(join(out, 'grid', 'report', 'results.json'), 'utf8'));
      const found = results.rows.map(({ recipe, parameters, metrics }) => [recipe, { parameters, accuracy: metrics.accuracy.mean }]);
      return { wallMs, peakMb, engine: results.engine, rows: Object.fromEntries(found) };
    },
    /** One python process, run after run, on all cores. */
    async peer(python) {
      const { wallMs, peakMb, stdout } = await command(python, ['-B', '-u', here('./peer/grid.py'), folder], process.env);
      return { wallMs, peakMb, ...JSON.parse(stdout) };
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
