import type { Host } from '@equimodal/core';
import {
  ConfigSource,
  CONTRACT_VERSION,
  definePiece,
  definePlugin,
  resolveExperiment,
  type Engine,
  type LoadedDataset,
  type Method,
  type ModalitySpec,
  type Signal,
} from '@equimodal/core';
import { builtInHost } from '@equimodal/cli';
import { toyDataset, toyPlugin } from '@equimodal/testing';
import { train, type RunRequest, type RunResult } from '@equimodal/training';
import { z } from 'zod';

export const MODALITIES: readonly ModalitySpec[] = [
  { name: 'audio', kind: 'vector', shape: [8] },
  { name: 'image', kind: 'vector', shape: [8] },
];

/** A host with all built-in pieces, the toy dataset, and methods made for one test. */
export function hostWith(methods: Readonly<Record<string, () => Method>> = {}): Host {
  const host = builtInHost();
  host.add(toyPlugin());
  host.add(
    definePlugin({
      name: 'test-methods',
      contractVersion: CONTRACT_VERSION,
      provides: Object.entries(methods).map(([id, create]) =>
        definePiece({ kind: 'method', id, description: 'made for a test', facts: {}, options: z.object({}), create }),
      ),
    }),
  );
  return host;
}

export interface Toy {
  readonly host?: Host;
  readonly recipe?: object;
  readonly training?: object;
  readonly encoders?: object;
  readonly seed?: number;
  readonly dataset?: LoadedDataset;
  readonly request?: Partial<RunRequest>;
}

/** Trains a small row on toy vectors (or what `dataset` holds) and returns the result with every signal, and what was asked for. */
export async function trainToy(engine: Engine, toy: Toy = {}): Promise<{ result: RunResult; signals: Signal[]; request: RunRequest }> {
  const host = toy.host ?? hostWith();
  const { kind, shape } = (toy.dataset?.modalities ?? MODALITIES)[0]!;
  const source = ConfigSource.of({
    dataset: { use: 'kit-toy', kind, shape },
    encoders: toy.encoders ?? { default: { use: 'mlp', hidden: [12], features: 6 } },
    observers: [],
    training: { epochs: 2, batchSize: 16, ...toy.training },
    recipes: [{ as: 'row', fusion: 'concat', ...toy.recipe }],
  });
  const experiment = await resolveExperiment(host, source);
  const signals: Signal[] = [];
  const request: RunRequest = {
    host,
    engine,
    experiment: 'toy',
    recipe: experiment.recipes[0]!,
    seed: toy.seed ?? 1,
    dataset: toy.dataset ?? toyDataset(MODALITIES),
    metrics: experiment.metrics,
    observers: [],
    ...toy.request,
    attach(bus, controls) {
      bus.all$.subscribe((signal) => signals.push(signal));
      toy.request?.attach?.(bus, controls);
    },
  };
  return { result: await train(request), signals, request };
}
