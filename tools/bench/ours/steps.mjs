/** Our side of a workload of steps: the real trainer, held between rounds. Talks over IPC. */
import { builtInHost } from '@equimodal/cli';
import { CONTRACT_VERSION, ConfigSource, definePiece, definePlugin, EquimodalError, resolveExperiment } from '@equimodal/core';
import { selectEngine } from '@equimodal/engine';
import { train } from '@equimodal/training';
import { z } from 'zod';
import { WORKLOADS } from '../workloads.mjs';
import { Rounds } from './rounds.mjs';
import { randomSplit } from './rows.mjs';

const [id, threads, engineId] = process.argv.slice(2);
const workload = WORKLOADS[id];
const { modalities, batch, classes, encoder, optimizer, alignment, hypergradient } = workload;
process.on('uncaughtException', (error) => {
  process.stderr.write(`${error instanceof EquimodalError ? error.format() : error.stack}\n`);
  process.exit(1);
});
const { engine } = await selectEngine({ threads: Number(threads), ...(engineId ? { requested: engineId } : {}) });

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

/** InfoNCE at a fixed alpha; updates of alpha compute the whole hypergradient, with a rate too small to move it. */
function alignmentParts() {
  if (alignment === undefined) return {};
  return {
    alignment: { use: 'info-nce', temperature: alignment.temperature },
    alpha: {
      use: 'learned',
      solver: 'conjugate-gradient',
      iterations: hypergradient.products,
      tolerance: 0,
      damping: hypergradient.damping,
      initial: alignment.alpha,
      rate: 1e-12,
      outer: 'train',
      outerBatchSize: batch,
      innerBatchSize: batch,
      everySteps: hypergradient.everySteps,
    },
  };
}

const experiment = await resolveExperiment(
  host,
  ConfigSource.of({
    dataset: 'bench',
    encoders: { default: encoder },
    metrics: ['accuracy'],
    observers: [],
    training: {
      epochs: 1_000_000,
      batchSize: batch,
      evaluationBatchSize: batch,
      optimizer,
      selection: 'last',
      measureGradients: 'never',
      validationFraction: 0,
    },
    recipes: [{ as: 'bench', fusion: 'concat', ...alignmentParts() }],
  }),
);

const rounds = new Rounds();
const split = randomSplit(workload, () => rounds.gate());
let parameters = {};
process.on('message', async ({ count, collect }) => {
  const measured = await rounds.run(count);
  if (collect) globalThis.gc();
  const { rss } = process.memoryUsage();
  process.send({
    ...measured,
    peakMb: process.resourceUsage().maxRSS / 1024,
    rssMb: rss / 2 ** 20,
    tensors: engine.memory().tensors,
    parameters: Object.values(parameters).reduce((sum, count) => sum + count, 0),
  });
});
process.on('disconnect', () => process.exit(1));
const { id: engineUsed, backend, gpu, versions } = engine;
process.send({ ready: { id: engineUsed, backend, gpu, threads: engine.threads, versions } });

await train({
  host,
  engine,
  experiment: 'bench',
  recipe: experiment.recipes[0],
  seed: 0,
  dataset: {
    classes: Array.from({ length: classes }, (_, i) => `${i}`),
    modalities,
    splits: { train: split, test: split },
    fingerprint: 'bench',
  },
  metrics: experiment.metrics,
  observers: [],
  attach(signals) {
    signals.on('run.started').subscribe((signal) => {
      parameters = signal.parameters;
    });
    signals.on('warning').subscribe(({ message }) => process.stderr.write(`warning: ${message}\n`));
    signals.on('alpha.updated').subscribe(({ details }) => {
      if (details.iterations === undefined) return; // the one before the first step computes nothing
      if (details.iterations !== hypergradient.products) {
        process.stderr.write(`a solve took ${details.iterations} products instead of ${hypergradient.products}: raise the damping\n`);
        process.exit(1);
      }
      rounds.alphaUpdated();
    });
    signals.on('step.completed').subscribe(() => rounds.stepCompleted());
  },
});
