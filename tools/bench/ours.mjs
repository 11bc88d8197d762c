/** Our side of a workload: steps of the real trainer, timed between two `step.completed` signals. Talks over IPC. */
import { builtInHost } from '@equimodal/cli';
import { CONTRACT_VERSION, ConfigSource, definePiece, definePlugin, RandomStream, resolveExperiment } from '@equimodal/core';
import { selectEngine } from '@equimodal/engine';
import { train } from '@equimodal/training';
import { z } from 'zod';
import { WORKLOADS } from './workloads.mjs';

const [id, threads, engineId] = process.argv.slice(2);
const workload = WORKLOADS[id];
const { engine } = await selectEngine({ threads: Number(threads), ...(engineId ? { requested: engineId } : {}) });
const { modalities, batch, classes, encoder } = workload;

/** One batch of random rows, read again and again. */
function split(size) {
  const random = new RandomStream(0, 'bench');
  const arrays = Object.fromEntries(
    modalities.map(({ name, shape }) => [
      name,
      Float32Array.from({ length: batch * shape.reduce((a, b) => a * b, 1) }, () => random.at(name).uniform()),
    ]),
  );
  return { size, labels: Int32Array.from({ length: size }, (_, i) => i % classes), read: () => arrays };
}

const dataset = definePiece({
  kind: 'dataset',
  id: 'bench',
  description: 'random rows',
  facts: {},
  options: z.object({}),
  create: () => ({ modalities, load: () => undefined }),
});
const host = builtInHost();
host.add(definePlugin({ name: 'bench', contractVersion: CONTRACT_VERSION, provides: [dataset] }));

async function steps(count) {
  const experiment = await resolveExperiment(
    host,
    ConfigSource.of({
      dataset: 'bench',
      encoders: { default: encoder },
      metrics: ['accuracy'],
      observers: [],
      training: {
        epochs: 1,
        batchSize: batch,
        evaluationBatchSize: batch,
        selection: 'last',
        measureGradients: 'never',
        validationFraction: 0,
      },
      recipes: [{ as: 'bench', fusion: 'concat' }],
    }),
  );
  const times = [];
  let last = 0;
  await train({
    host,
    engine,
    experiment: 'bench',
    recipe: experiment.recipes[0],
    seed: 0,
    dataset: {
      classes: Array.from({ length: classes }, (_, i) => `${i}`),
      modalities,
      splits: { train: split(batch * (count + 3)), test: split(batch) },
      fingerprint: 'bench',
    },
    metrics: experiment.metrics,
    observers: [],
    attach(signals) {
      signals.on('step.completed').subscribe(() => {
        const now = performance.now();
        times.push(now - last);
        last = now;
      });
    },
  });
  return times.slice(3); // the first steps warm up
}

process.on('message', async ({ count }) => {
  process.send({ times: await steps(count), peakMb: process.resourceUsage().maxRSS / 1024 });
});
process.send({ ready: { id: engine.id, backend: engine.backend, threads: engine.threads, versions: engine.versions } });
