import { EquimodalError, messageOf, RandomStream, SignalBus, type AlphaScheduler, type SplitMetrics } from '@equimodal/core';
import { unseenByBilevel } from '../bilevel/unseen.js';
import { hasCheckpoint, readCheckpoint, writeCheckpoint } from '../checkpoint/checkpoint.js';
import { QueuedControls } from '../controls/controls.js';
import type { RunSplits } from '../data/splits.js';
import { Evaluator } from '../evaluation/evaluate.js';
import { FinalScorer } from '../evaluation/final.js';
import { forwardFlops } from '../evaluation/flops.js';
import { countParameters, referenceNames, type Model } from '../model/model.js';
import { predictionsOf, writePredictions } from '../predictions/predictions.js';
import { pinWeights, type WeightPlaces } from '../weights/places.js';
import { pretrainedWarnings } from '../weights/pretrained.js';
import { initialVariables } from './initial.js';
import { makeOptimizer } from './optimizer.js';
import { checkShapes, configHash, disposeAll, type SavedMeta } from './saved.js';
import { asJson, initialProgress } from './progress.js';
import { LearningRate } from './rate.js';
import { checkValidation } from './needs-validation.js';
import type { RunMetrics, RunRequest, RunResult } from './request.js';
import { setUpRun, type RunSetUp } from './set-up.js';
import { BEST, Trainer } from './trainer.js';
import { RunObservers } from './run-observers.js';
import { RunTrees } from './trees.js';

const NOT_REPEATABLE =
  'on a GPU two runs with the same seed may differ in the last bits; set TF_DETERMINISTIC_OPS=1 to make more of its kernels repeatable';

/** One training run from first to last signal. Dispose-safe: every tensor it made is gone when `run` returns. */
export class Run {
  readonly #bus = new SignalBus();
  readonly #controls = new QueuedControls();
  readonly #random: RandomStream;
  readonly #started = performance.now();
  #secondsBefore = 0;

  private readonly request: RunRequest & { readonly places: WeightPlaces };

  /** @throws EQM_WEIGHTS_MISSING or EQM_WEIGHTS_MISMATCH if a weight file is not what the row says. */
  constructor(request: RunRequest) {
    const { places = { baseDir: process.cwd() } } = request;
    this.request = { ...request, places, recipe: pinWeights(request.host, request.recipe, places) };
    this.#random = new RandomStream(request.seed);
  }

  async run(): Promise<RunResult> {
    const { request } = this;
    const { host, engine } = request;
    const container = host.openRun({ signals: this.#bus, controls: this.#controls, random: this.#random, engine });
    const observers = new RunObservers(container, this.#bus, request);
    request.attach?.(this.#bus, this.#controls);
    try {
      return await this.#train(await setUpRun(container, request, this.#random), observers);
    } catch (error) {
      this.#bus.emit('run.completed', { status: 'failed', reason: messageOf(error), epochs: 0, seconds: this.#seconds(), test: null });
      throw error;
    } finally {
      observers.stop();
      this.#bus.complete();
      await container.dispose();
    }
  }

  #seconds(): number {
    return this.#secondsBefore + (performance.now() - this.#started) / 1000;
  }

  async #train({ model, scheduler, splits, modalities, metrics, freezing }: RunSetUp, observers: RunObservers): Promise<RunResult> {
    const { host, engine, recipe, folder, abort } = this.request;
    const { training } = recipe;
    checkValidation(host, recipe, splits.validation !== null);
    const optimizer = makeOptimizer(training.optimizer);
    const { variables, reports, rateOf } = initialVariables(this.request, model, this.#random.at('init'));
    const pretrained = [...freezing.pretrained, ...reports];
    const parameters = countParameters(variables);
    const trees = new RunTrees(
      {
        params: variables.params,
        state: variables.state,
        optimizer: optimizer.init(variables.params),
        memory: Object.fromEntries(
          model.methods.flatMap(({ id, method }) =>
            Object.entries(method.memory?.(variables.params) ?? {}).map(([name, leaf]) => [`${id}/${name}`, leaf]),
          ),
        ),
      },
      { packed: engine.capture },
    );
    const rate = new LearningRate(training);
    const evaluator = new Evaluator({
      engine,
      model,
      modalities,
      metrics,
      batchSize: training.evaluationBatchSize,
      passes: splits.validation === null ? 1 : training.epochs,
      onWarning: (message) => this.#bus.emit('warning', { source: 'engine', message }),
    });
    const trainer = new Trainer(
      {
        engine,
        recipe,
        model,
        modalities,
        splits,
        optimizer,
        rate,
        scheduler,
        schedulerPlugin: recipe.alpha === null ? undefined : host.pluginOf('alpha-scheduler', recipe.alpha.use),
        evaluator,
        bus: this.#bus,
        controls: this.#controls,
        random: this.#random,
        trees,
        debug: this.request.debug === true,
        separateLosses: recipe.methods.some(({ use }) => host.piece('method', use).facts.needs?.includes('gradients-by-loss')),
        rateOf,
      },
      initialProgress(scheduler?.initial ?? 0),
    );
    const parts = { trainer, trees, rate, scheduler, model, observers };
    try {
      for (const name of referenceNames(model)) trees.snapshot(`method/${name}`, { optimizer: true });
      const resumedAt = this.#resume(parts);
      observers.start();
      for (const message of freezing.warnings) this.#bus.emit('warning', { source: 'frozen', message });
      for (const message of pretrained.flatMap(pretrainedWarnings)) this.#bus.emit('warning', { source: 'pretrained', message });
      for (const message of unseenByBilevel(scheduler, model)) this.#bus.emit('warning', { source: 'alpha', message });
      if (engine.gpu) this.#bus.emit('warning', { source: 'engine', message: NOT_REPEATABLE });
      this.#bus.emit('run.started', {
        experiment: this.request.experiment,
        recipe: recipe.id,
        seed: this.request.seed,
        engine: engine.id,
        epochs: training.epochs,
        stepsPerEpoch: trainer.stepsPerEpoch,
        trainSize: splits.train.size,
        modalities: model.modalities,
        parameters,
        resumedAtStep: resumedAt,
      });
      if (resumedAt === 0) await this.#beforeTraining(parts, splits, evaluator);
      let interrupted = false;
      while (!interrupted && trainer.progress.epoch < training.epochs && trainer.progress.stop === null) {
        interrupted = !(await trainer.epoch(() => abort?.aborted === true));
        this.#checkpoint(parts);
      }
      const figures = interrupted ? null : await this.#score(trainer, trees, evaluator, splits);
      const status = interrupted ? 'interrupted' : trainer.progress.stop === null ? 'completed' : 'stopped';
      const reason = interrupted ? 'interrupted; a checkpoint was kept' : (trainer.progress.stop ?? 'all epochs done');
      if (figures !== null) folder?.write(folder.metrics, figures);
      this.#bus.emit('run.completed', {
        status,
        reason,
        epochs: trainer.progress.epoch,
        seconds: this.#seconds(),
        test: this.request.withholdTest === true ? null : (figures?.test ?? null),
      });
      observers.flush();
      return {
        status,
        reason,
        metrics: figures,
        seconds: this.#seconds(),
        flops: interrupted ? null : await this.#flops(model, modalities, trees),
        parameters: Object.values(parameters).reduce((a, b) => a + b, 0),
        sizes: Object.fromEntries(
          Object.entries(splits).flatMap(([name, split]) => (split === null ? [] : [[name, (split as { size: number }).size]])),
        ),
        pretrained,
        frozen: freezing.frozen,
      };
    } finally {
      trainer.dispose();
      evaluator.dispose();
      trees.dispose();
    }
  }

  async #flops(model: Model, modalities: RunSetUp['modalities'], { params, state }: RunTrees): Promise<number | null> {
    try {
      return await forwardFlops(model, modalities, { params, state });
    } catch (error) {
      this.#bus.emit('warning', { source: 'flops', message: `floating-point operations were not counted: ${messageOf(error)}` });
      return null;
    }
  }

  /** What a reader may ask of the parameters that nothing has trained yet. */
  async #beforeTraining({ trees }: CheckpointParts, splits: RunSplits, evaluator: Evaluator): Promise<void> {
    this.#keep(trees, 0);
    if (this.request.recipe.training.scoreInitial !== true || splits.validation === null) return;
    this.#bus.emit('initial.scored', { validation: await evaluator.score(trees.params, trees.state, splits.validation) });
  }

  /** Keeps the parameters after so many epochs, if they were asked for. */
  #keep({ params, state }: RunTrees, epochs: number): void {
    const { folder, recipe } = this.request;
    if (folder === undefined || recipe.training.keepEpochs?.includes(epochs) !== true) return;
    writeCheckpoint(folder.kept(epochs), { trees: { params, state }, meta: asJson({ ...this.#identity(), epochs }) });
    this.#bus.emit('checkpoint.saved', { epoch: epochs, step: 0, kind: 'kept' });
  }

  /** Test is scored here, once, with the selected parameters (every epoch only under `legacy-test`). */
  async #score(trainer: Trainer, trees: RunTrees, evaluator: Evaluator, splits: RunSplits): Promise<RunMetrics> {
    const { best, epoch } = trainer.progress;
    const chosen = best === null ? undefined : trees.getSnapshot(BEST);
    const final = new FinalScorer(evaluator, chosen ?? trees, splits.train);
    const validation = splits.validation === null ? null : (await final.score(splits.validation)).figures;
    const test = this.request.withholdTest === true ? { perModality: {} } : await this.#scoreTest(final, splits);
    return {
      selection: this.request.recipe.training.selection,
      epochs: epoch,
      selectedEpoch: best?.epoch ?? epoch - 1,
      dataPassesPerEpoch: 1 + trainer.progress.auxiliaryPasses / Math.max(1, epoch),
      alphaPassesPerEpoch: trainer.progress.alphaPasses / Math.max(1, epoch),
      validation,
      test,
    };
  }

  /** Scores test and keeps the predictions. */
  async #scoreTest(final: FinalScorer, splits: RunSplits): Promise<SplitMetrics> {
    const { outputs, figures } = await final.score(splits.test);
    const { folder } = this.request;
    if (folder !== undefined) writePredictions(folder.predictions, predictionsOf(outputs));
    return figures;
  }

  #checkpoint({ trainer, trees, rate, scheduler, model, observers }: CheckpointParts): void {
    const { folder } = this.request;
    if (folder === undefined) return;
    const { epoch, step, best } = trainer.progress;
    const chosen = trees.getSnapshot(BEST);
    if (chosen !== undefined && best?.epoch === epoch - 1 && step === 0) {
      writeCheckpoint(folder.best, { trees: { params: chosen.params, state: chosen.state }, meta: asJson({ ...this.#identity(), best }) });
      this.#bus.emit('checkpoint.saved', { epoch, step, kind: 'best' });
    }
    if (step === 0) this.#keep(trees, epoch);
    this.#bus.emit('checkpoint.saved', { epoch, step, kind: 'latest' });
    observers.flush();
    const meta = {
      ...this.#identity(),
      progress: trainer.progress,
      rate: rate.state(),
      scheduler: scheduler?.state?.() ?? null,
      methods: Object.fromEntries(model.methods.map(({ id, method }) => [id, method.state?.() ?? null])),
      observers: observers.state(),
      nextSignal: this.#bus.nextIndex,
      seconds: this.#seconds(),
    };
    const best_ = chosen === undefined ? {} : { bestParams: chosen.params, bestState: chosen.state };
    writeCheckpoint(folder.latest, { trees: { ...trees.live, ...best_, ...trees.snapshotBundle('method/') }, meta: asJson(meta) });
  }

  #identity(): { format: number; config: number } {
    return { format: 1, config: configHash(this.request) };
  }

  /** Takes up the latest checkpoint, if resuming was asked for and there is one. Returns the global step it stands at. */
  #resume({ trainer, trees, rate, scheduler, model, observers }: CheckpointParts): number {
    const { folder, resume } = this.request;
    if (folder === undefined || resume !== true || !hasCheckpoint(folder.latest)) return 0;
    const { trees: saved, meta } = readCheckpoint(folder.latest);
    const data = meta as unknown as SavedMeta;
    if (data.config !== configHash(this.request)) {
      disposeAll(saved);
      throw new EquimodalError('EQM_CHECKPOINT_MISMATCH', 'the checkpoint was written by another configuration', { where: folder.latest });
    }
    checkShapes(saved['params'] ?? {}, trees.params, folder.latest);
    const { bestParams, bestState, ...rest } = saved;
    const { params = {}, state = {}, optimizer = {}, memory = {} } = rest;
    trees.replace({ params, state, optimizer, memory });
    if (bestParams !== undefined) trees.setSnapshot(BEST, { params: bestParams, state: bestState ?? {} });
    trees.restoreSnapshots(rest);
    trainer.progress = data.progress;
    rate.restore(data.rate);
    if (data.scheduler !== null) scheduler?.restore?.(data.scheduler);
    for (const { id, method } of model.methods) if (data.methods[id] != null) method.restore?.(data.methods[id]);
    observers.restore(data.observers);
    this.#bus.nextIndex = data.nextSignal;
    this.#secondsBefore = data.seconds ?? 0;
    return trainer.progress.epoch * trainer.stepsPerEpoch + trainer.progress.step;
  }
}

interface CheckpointParts {
  readonly trainer: Trainer;
  readonly trees: RunTrees;
  readonly rate: LearningRate;
  readonly scheduler: AlphaScheduler | null;
  readonly model: Model;
  readonly observers: RunObservers;
}

/** Trains one row with one seed. */
export async function train(request: RunRequest): Promise<RunResult> {
  return new Run(request).run();
}
