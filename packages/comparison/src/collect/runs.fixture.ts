import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RandomStream } from '@equimodal/core';

export interface FakeRun {
  readonly experiment?: string;
  readonly dataset?: string;
  readonly recipe: string;
  readonly seed: number;
  readonly accuracy?: number;
  readonly status?: string;
  readonly started?: string;
  readonly alpha?: boolean;
}

const EPOCHS = 3;

/** Writes a run folder as a run leaves it, but for checkpoints and predictions. Returns the folder. */
export function writeRun(experimentDir: string, run: FakeRun): string {
  const { experiment = 'demo', dataset = 'crema-d', recipe, seed, accuracy = 0.5, status = 'completed', alpha = false } = run;
  const dir = join(experimentDir, ...recipe.split('/'), `seed-${seed}`);
  mkdirSync(dir, { recursive: true });
  const json = (name: string, value: unknown): void => writeFileSync(join(dir, name), JSON.stringify(value, null, 2));
  json('run.json', {
    status,
    ...(status === 'completed' ? { reason: 'all epochs done' } : {}),
    experiment: {
      name: experiment,
      description: 'A demo.',
      file: '/studies/demo.yaml',
      baseDir: '/work',
      plugins: [],
      reference: 'concat',
    },
    recipe: {
      id: recipe,
      recipe: recipe.split('/')[0],
      description: `About ${recipe}`,
      modalities: ['audio', 'visual'],
      encoders: { audio: { use: 'mlp' }, visual: { use: 'mlp' } },
      fusion: { use: recipe === 'sum' ? 'sum' : 'concat' },
      losses: [{ use: 'cross-entropy', on: 'fused', weight: 1 }],
      alignment: null,
      alpha: alpha ? { use: 'heuristic' } : null,
      methods: [],
      training: { epochs: EPOCHS, batchSize: 16, selection: 'validation' },
    },
    seed,
    dataset: {
      options: { use: dataset },
      fingerprint: 'f00d',
      classes: ['no', 'yes'],
      modalities: [{ name: 'audio' }, { name: 'visual' }],
      notes: [],
    },
    engine: { id: 'cpu', backend: 'cpu', gpu: false, versions: { node: '22' } },
    commit: 'abc',
    started: run.started ?? `2026-01-0${seed + 1}T00:00:00.000Z`,
    ...(status === 'completed'
      ? {
          finished: `2026-01-0${seed + 1}T00:01:00.000Z`,
          seconds: 60,
          parameters: 10,
          sizes: { train: 8, test: 4 },
          peakMemoryMb: 100,
          accuracy,
        }
      : status === 'failed'
        ? { error: { code: 'EQM_TRAIN_DIVERGED', message: 'the loss became NaN', where: null } }
        : {}),
  });
  if (status !== 'completed') return dir;
  const figures = { accuracy, macroF1: accuracy, modalityGap: 0.4, perModality: { audio: { accuracy: 0.4 }, visual: { accuracy: 0.3 } } };
  json('metrics.json', {
    selection: 'validation',
    epochs: EPOCHS,
    selectedEpoch: 1,
    dataPassesPerEpoch: 1,
    validation: figures,
    test: figures,
  });
  const random = new RandomStream(seed);
  const lines = Array.from({ length: EPOCHS }, (_, epoch) => [
    { type: 'epoch.started', epoch, learningRate: 0.1, alpha: 1 / (1 + epoch) },
    { type: 'gradients.measured', epoch, step: 0, norm: { audio: 2, visual: 1 + epoch }, cosine: {} },
    { type: 'step.completed', epoch, step: 0, total: random.uniform() },
    { type: 'epoch.completed', epoch, trainLoss: 1 / (1 + epoch), losses: { fused: 1 }, validation: figures },
  ]).flat();
  writeFileSync(join(dir, 'signals.jsonl'), `${lines.map((line) => JSON.stringify(line)).join('\n')}\n{"type":"epoch.completed","ep`);
  return dir;
}
