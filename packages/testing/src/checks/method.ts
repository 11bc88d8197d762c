import * as tf from '@tensorflow/tfjs-core';
import { ConfigSource, resolveExperiment, type Engine, type ModalitySpec, type SignalOf, type SplitMetrics } from '@equimodal/core';
import { train } from '@equimodal/training';
import { describe, expect, it } from '../runner/runner.js';
import { modalityCounts, modalityNames, usualCount } from '../kit/cases.js';
import type { Trial } from '../kit/conformance.js';
import { replayCheck } from '../replay/replay.js';
import { toyDataset } from '../toy/toy-dataset.js';
import { toyPlugin } from '../toy/toy-plugin.js';

/** Methods are tried by training: a toy problem, every number of modalities the facts allow. */
export function checkMethod({ host, engine, piece, options, tried }: Trial): void {
  const { fusions } = piece.facts;
  // The kit's own fusion and loss stand in where the plugin is tried without the built-in ones.
  const orOwn = (kind: 'fusion' | 'loss', id: string, own: string): string => (host.hasPiece(kind, id) ? id : own);
  const fusion = tried.fusion ?? (fusions === undefined || fusions.includes('concat') ? 'concat' : fusions[0]!);
  describe.each(modalityCounts(piece.facts))('with %i modalities', (count) => {
    const modalities = modalityNames(count).map((name): ModalitySpec => ({ name, kind: 'vector', shape: [8] }));
    const dataset = toyDataset(modalities);
    // Six modalities take the ops of three, only more of them.
    const many = count > 3;
    const fewest = tried.epochs ?? 2;
    const run = async (training: { readonly epochs: number; readonly batchSize?: number }, on: Engine = engine()) => {
      host.add(toyPlugin());
      const used = fusions === undefined ? orOwn('fusion', fusion, 'kit-heads') : fusion;
      const source = ConfigSource.of({
        dataset: { use: 'kit-toy', modalities: modalities.map(({ name }) => name) },
        encoders: { default: host.piece('fusion', used).facts.needs?.includes('stages') ? 'kit-staged' : 'kit-linear' },
        metrics: ['kit-accuracy'],
        observers: [],
        training: {
          batchSize: 16,
          evaluationBatchSize: 16,
          ...training,
          optimizer: { use: 'sgd', learningRate: 0.1 },
          selection: 'last',
        },
        recipes: [
          {
            as: 'tried',
            fusion: used,
            losses: [orOwn('loss', 'cross-entropy', 'kit-cross-entropy')],
            methods: [{ use: piece.id, ...options }],
          },
        ],
      });
      const experiment = await resolveExperiment(host, source);
      const steps: SignalOf<'step.completed'>[] = [];
      const result = await train({
        host,
        engine: on,
        experiment: 'conformance',
        recipe: experiment.recipes[0]!,
        seed: 3,
        dataset,
        metrics: experiment.metrics,
        observers: [],
        attach: (signals) => void signals.on('step.completed').subscribe((signal) => steps.push(signal)),
      });
      return { result, steps };
    };

    let short: ReturnType<typeof run> | undefined;
    /** One short run for all tests: before what is measured, and to compare with. */
    const shortRun = () => (short ??= run({ epochs: fewest }));
    const totals = ({ steps }: Awaited<ReturnType<typeof run>>): number[] => steps.map(({ total }) => total);

    it(`trains, ${many ? '' : 'learns the toy problem, '}reports finite numbers and leaks no tensor`, async () => {
      await shortRun();
      const before = tf.memory().numTensors;
      const { result, steps } = await run({ epochs: many ? fewest : Math.max(8, 2 * fewest) });
      expect(tf.memory().numTensors).toBe(before);
      if (!many) expect((result.metrics!.test as SplitMetrics).accuracy!).toBeGreaterThan(0.6);
      for (const { reports, losses } of steps) {
        for (const [name, value] of Object.entries({ ...reports, ...losses })) expect(Number.isFinite(value), name).toBe(true);
      }
    });

    if (count !== usualCount(piece.facts)) return;

    it('replays as a graph: every step, evaluation and auxiliary pass agrees with eager execution', async () => {
      const check = replayCheck(engine());
      // 48 rows: the last batch of an epoch is short, and an epoch of a phase is long enough to be replayed.
      await run({ epochs: Math.max(engine().capture ? 4 : 1, tried.epochs ?? 0), batchSize: 10 }, check.engine);
      check.verify();
    });

    it('repeats exactly under the same seed', async () => {
      expect(totals(await run({ epochs: fewest }))).toEqual(totals(await shortRun()));
    });
  });
}
