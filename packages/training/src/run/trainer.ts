import {
  type AlphaScheduler,
  type AlphaUpdate,
  type Bundle,
  type Decision,
  type Engine,
  type EpochContext,
  type EpochEndContext,
  type ModalitySpec,
  type RandomStream,
  type RecipeConfig,
  type SignalBus,
  type SplitMetrics,
  type Tree,
} from '@equimodal/core';
import { disposeTree, type Optimizer, subTree } from '@equimodal/nn';
import { GradientMeasures } from '../bilevel/measures.js';
import { BilevelProblems } from '../bilevel/problem.js';
import type { QueuedControls } from '../controls/controls.js';
import { batchRows, readPass } from '../data/batches.js';
import type { RunSplits } from '../data/splits.js';
import type { Evaluator } from '../evaluation/evaluate.js';
import { attributedBetween } from '../model/attributed.js';
import { checkedAlpha } from '../model/contract.js';
import { referenceNames, type Model } from '../model/model.js';
import type { TreePacking } from '../step/packing.js';
import { referenceTree } from '../step/step.js';
import { Steps } from '../step/steps.js';
import { updateAlpha } from './alpha.js';
import { AuxiliaryPasses } from './auxiliary-pass.js';
import { divergedError } from './diverged.js';
import { carriedReferences, epochContext } from './epoch-context.js';
import { addToSums, meansOf, NO_SUMS, type RunProgress } from './progress.js';
import { afterStep, betweenEpochs } from './host-hooks.js';
import { LeakWatch } from './leaks.js';
import { coupledDecay } from './optimizer.js';
import type { LearningRate } from './rate.js';
import { stepControls } from './step-controls.js';
import type { RunTrees } from './trees.js';

/** What a trainer works with; all of it belongs to one run. */
export interface TrainerParts {
  readonly engine: Engine;
  readonly recipe: RecipeConfig;
  readonly model: Model;
  readonly modalities: readonly ModalitySpec[];
  readonly splits: RunSplits;
  readonly optimizer: Optimizer;
  readonly rate: LearningRate;
  readonly scheduler: AlphaScheduler | null;
  /** Name of the plugin that the scheduler comes from. */
  readonly schedulerPlugin?: string | undefined;
  readonly evaluator: Evaluator;
  readonly bus: SignalBus;
  readonly controls: QueuedControls;
  readonly random: RandomStream;
  readonly trees: RunTrees;
  /** Some method needs one gradient per loss term. */
  readonly separateLosses: boolean;
  /** Factor on the learning rate by path. */
  readonly rateOf: ((path: string) => number) | undefined;
  /** Look for plugins that leave tensors behind. */
  readonly debug: boolean;
}

/** Snapshot that holds the epoch to be scored on test. */
export const BEST = 'best';

/** Runs epochs and steps in the order of the iteration table. */
export class Trainer {
  progress: RunProgress;
  readonly #steps: Steps;
  readonly #measures: GradientMeasures;
  readonly #problems: BilevelProblems;
  readonly #passes: AuxiliaryPasses;
  readonly #leaks: LeakWatch;
  readonly stepsPerEpoch: number;
  /** Snapshots that steps look at. */
  readonly #references: readonly string[];
  #breathed = 0;

  constructor(
    private readonly parts: TrainerParts,
    progress: RunProgress,
  ) {
    this.progress = progress;
    const { engine, model, optimizer, separateLosses, rateOf, recipe, splits, modalities } = parts;
    const { batchSize, dropLast, epochs, clipNorm, evaluationBatchSize } = recipe.training;
    const onWarning = (message: string): void => parts.bus.emit('warning', { source: 'engine', message });
    this.#references = referenceNames(model);
    const stepsPerEpoch = batchRows(splits.train.size, batchSize, undefined, dropLast).length;
    this.stepsPerEpoch = stepsPerEpoch;
    this.#steps = new Steps({
      ...{ engine, model, optimizer, clipNorm, separateLosses, rateOf, batchSize, epochs, stepsPerEpoch, onWarning },
      packings: { ...parts.trees.packings, ...this.#referencePackings() },
    });
    this.#measures = new GradientMeasures(engine, model, parts.trees.packings, { calls: epochs, onWarning });
    this.#problems = new BilevelProblems({
      ...{ engine, model, onWarning },
      weightDecay: coupledDecay(recipe.training.optimizer),
      trains: rateOf === undefined ? undefined : (path) => rateOf(path) !== 0,
    });
    this.#leaks = new LeakWatch(
      parts.debug,
      () => parts.trees.tensors,
      (message) => parts.bus.emit('warning', { source: 'leaks', message }),
    );
    this.#passes = new AuxiliaryPasses({ engine, model, modalities, splits, batchSize: evaluationBatchSize, epochs, onWarning });
  }

  #referencePackings(): Readonly<Record<string, TreePacking>> {
    const { packings } = this.parts.trees;
    const parts = ['params', 'state'] as const;
    return Object.fromEntries(
      this.#references.flatMap((name) =>
        parts.flatMap((part) => (packings[part] === undefined ? [] : [[referenceTree(name, part), packings[part]] as const])),
      ),
    );
  }

  /** One epoch, or the rest of one. Returns false when it was interrupted. */
  async epoch(interrupted: () => boolean): Promise<boolean> {
    const { recipe, splits, random, modalities } = this.parts;
    const { epoch } = this.progress;
    const { batchSize, dropLast } = recipe.training;
    const started = performance.now();
    const from = this.progress.step;
    if (from === 0) await this.#startEpoch();
    const order = random.at('shuffle').at(epoch).permutation(splits.train.size);
    const batches = batchRows(splits.train.size, batchSize, order, dropLast);
    const randomAt = (step: number): RandomStream => random.at('augment').at(epoch).at(step);
    for await (const { step, rows, batch } of readPass(splits.train, batches, modalities, { from, randomAt })) {
      try {
        if (step === 0) this.#measureGradients(batch);
        await this.#alphaWithinEpoch(step);
        this.#applyControls(step);
        this.#step(batch, rows.length, step);
      } finally {
        disposeTree(batch);
      }
      this.progress = { ...this.progress, step: step + 1 };
      await this.#breathe();
      if (interrupted()) return false;
      if (this.progress.stop !== null) break;
    }
    await this.#endEpoch(started);
    return true;
  }

  /** Lets timers, signals of the process and messages through, some twenty times a second. */
  async #breathe(): Promise<void> {
    if (performance.now() - this.#breathed < 50) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.#breathed = performance.now();
  }

  async #startEpoch(): Promise<void> {
    const { model, bus } = this.parts;
    const { epoch } = this.progress;
    for (const named of model.methods) {
      const context = this.#epochContext(named.id, 'start');
      this.#decide(named.id, await betweenEpochs(this.#leaks, named, 'epochStart', () => named.method.epochStart?.(context)));
    }
    if (this.parts.scheduler !== null && this.parts.scheduler.everySteps === undefined) await this.#updateAlpha(0);
    this.#applyControls(0);
    bus.emit('epoch.started', { epoch, learningRate: this.#learningRate(), alpha: this.progress.alpha });
  }

  #epochContext(id: string, when: 'start' | 'end'): EpochContext {
    const onRead = (share: number): void => {
      this.progress = { ...this.progress, auxiliaryPasses: this.progress.auxiliaryPasses + share };
    };
    return epochContext(this.parts, this.#passes, this.progress, { id, when, stepsPerEpoch: this.stepsPerEpoch, onRead });
  }

  #learningRate(): number {
    return this.parts.rate.at(this.progress.epoch) * this.progress.controls.learningRateFactor;
  }

  async #alphaWithinEpoch(step: number): Promise<void> {
    const every = this.parts.scheduler?.everySteps;
    if (every !== undefined && (this.progress.epoch * this.stepsPerEpoch + step) % every === 0) await this.#updateAlpha(step);
  }

  async #updateAlpha(step: number): Promise<void> {
    const { scheduler, bus, recipe } = this.parts;
    if (scheduler === null || this.progress.controls.alpha !== null) return;
    const { epoch, alpha: previous } = this.progress;
    const at = { step, stepsPerEpoch: this.stepsPerEpoch };
    const update = async (): Promise<AlphaUpdate> =>
      checkedAlpha(await this.#leaks.between('the alpha scheduler', () => updateAlpha(this.parts, this.#problems, this.progress, at)));
    const before = this.#problems.passes;
    const { alpha, details } = await attributedBetween(`alpha-scheduler "${recipe.alpha!.use}"`, update, this.parts.schedulerPlugin);
    const alphaPasses = this.progress.alphaPasses + this.#problems.passes - before;
    this.progress = { ...this.progress, alpha, alphaPasses };
    bus.emit('alpha.updated', { epoch, step, alpha, previous, details: { ...details } });
  }

  #measureGradients(batch: Tree): void {
    const { bus, recipe, trees } = this.parts;
    if (recipe.training.measureGradients === 'never') return;
    const { params, state } = trees.carried;
    const { epoch } = this.progress;
    bus.emit('gradients.measured', { epoch, step: 0, ...this.#measures.measure({ params, state, batch, epoch }) });
  }

  /** What was asked through RunControls takes effect here, and is itself a signal. */
  #applyControls(step: number): void {
    for (const request of this.parts.controls.take()) {
      const controls = request.apply(this.progress.controls);
      this.progress = {
        ...this.progress,
        controls,
        alpha: controls.alpha ?? this.progress.alpha,
        stop: request.stop ?? this.progress.stop,
      };
      const { control, value, source } = request;
      this.parts.bus.emit('control.applied', { epoch: this.progress.epoch, step, control, value, source });
    }
  }

  #step(batch: Tree, rows: number, step: number): void {
    const { model, trees, bus, random, engine } = this.parts;
    const { epoch, alpha } = this.progress;
    const { phases, controls: set } = this.progress;
    const { program, run } = this.#steps.for(phases, Object.keys(set.lossWeights), rows);
    const learningRate = this.#learningRate();
    const controls = stepControls(model, this.progress, learningRate, random.at('step').at(epoch).at(step).key);
    let outputs: Bundle;
    try {
      outputs = this.#leaks.step(() => run({ ...trees.carried, ...carriedReferences(trees, this.#references), batch, controls }));
    } finally {
      disposeTree(controls);
    }
    const packed = outputs['signals']!['packed']!;
    const values = packed.dataSync();
    packed.dispose();
    const numbers = Object.fromEntries(program.signalNames.map((name, i) => [name, values[i]!]));
    const total = numbers['total']!;
    const losses = subTree('terms', numbers);
    const reports = subTree('reports', numbers);
    if (!Number.isFinite(total) || Object.values(losses).some((value) => !Number.isFinite(value))) {
      for (const tree of Object.values(outputs)) if (tree !== outputs['signals']) disposeTree(tree);
      throw divergedError(engine, model, { epoch, step, losses, total, params: trees.params, state: trees.state, batch });
    }
    trees.advance(outputs);
    this.progress = { ...this.progress, sums: addToSums(this.progress.sums, rows, total, losses) };
    for (const named of model.methods) {
      const context = { epoch, step, stepsPerEpoch: this.stepsPerEpoch, total, losses, reports: subTree(named.id, reports) };
      this.#decide(
        named.id,
        afterStep(this.#leaks, named, () => named.method.stepEnd?.(context)),
      );
    }
    bus.emit('step.completed', { epoch, step, total, losses, alpha, learningRate, batchSize: rows, reports });
  }

  #decide(id: string, decision: Decision | undefined): void {
    if (decision === undefined) return;
    const { phases, methodControls } = this.progress;
    this.progress = {
      ...this.progress,
      phases: decision.phase === undefined ? phases : { ...phases, [id]: decision.phase },
      methodControls:
        decision.controls === undefined ? methodControls : { ...methodControls, [id]: { ...methodControls[id], ...decision.controls } },
      stop: decision.stop ?? this.progress.stop,
      candidate: decision.candidate ?? this.progress.candidate,
    };
  }

  async #endEpoch(started: number): Promise<void> {
    const { splits, evaluator, trees, bus, model, recipe, rate } = this.parts;
    const { epoch, sums } = this.progress;
    const trainSeconds = (performance.now() - started) / 1000;
    const { selection } = recipe.training;
    const validation = splits.validation === null ? null : await evaluator.score(trees.params, trees.state, splits.validation);
    const judged = selection === 'legacy-test' ? await evaluator.score(trees.params, trees.state, splits.test) : validation;
    const improved = this.#select(judged);
    const means = meansOf(sums);
    for (const named of model.methods) {
      const bare = this.#epochContext(named.id, 'end');
      // Assigned onto it, since what is live may be replaced while the hook works.
      const context: EpochEndContext = Object.assign(bare, { validation, train: means });
      this.#decide(named.id, await betweenEpochs(this.#leaks, named, 'epochEnd', () => named.method.epochEnd?.(context)));
    }
    rate.observe(validation?.loss ?? means.loss);
    bus.emit('epoch.completed', {
      epoch,
      trainLoss: means.loss,
      losses: means.losses,
      validation,
      seconds: (performance.now() - started) / 1000,
      samplesPerSecond: sums.samples / Math.max(trainSeconds, 1e-9),
      improved,
    });
    this.progress = { ...this.progress, epoch: epoch + 1, step: 0, sums: NO_SUMS, lastValidation: validation };
  }

  /** Keeps the best epoch so far: highest accuracy, then lowest loss, then the earlier one. */
  #select(judged: SplitMetrics | null): boolean {
    const { trees, recipe } = this.parts;
    if (recipe.training.selection === 'last' || judged === null || !this.progress.candidate) return false;
    const score = judged.accuracy ?? -(judged.loss ?? Infinity);
    const loss = judged.loss ?? Infinity;
    const { best, epoch } = this.progress;
    if (best !== null && (score < best.score || (score === best.score && loss >= best.loss))) return false;
    trees.snapshot(BEST);
    this.progress = { ...this.progress, best: { epoch, score, loss } };
    return true;
  }

  dispose(): void {
    this.#steps.dispose();
    this.#measures.dispose();
    this.#problems.dispose();
    this.#passes.dispose();
  }
}
