import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Bundle, GradientsContext, LogitsContext, Program, Tree, UpdateResult, UpdateStage } from '@equimodal/core';
import { clipByGlobalNorm, modalityOf, openScope, type Optimizer, subTree } from '@equimodal/nn';
import { checkLike } from '../model/contract.js';
import { referenceNames, type Model } from '../model/model.js';
import { differentiate, type Differentiated } from './differentiate.js';
import { hook, joined, stepContext, type StageInputs } from './forward.js';
import { classificationOn, type Weighing } from './objective.js';

/** What a step program is made from. Everything that changes between steps is an input of the program instead. */
export interface StepDesign {
  readonly model: Model;
  readonly optimizer: Optimizer;
  readonly clipNorm: number | null;
  /** Methods that need one gradient per term. */
  readonly separateLosses: boolean;
  /** Factor on the learning rate by path; 0 leaves a parameter as it is. Default: 1. */
  readonly rateOf?: ((path: string) => number) | undefined;
  readonly phases: Readonly<Record<string, string>>;
  /** Names of loss weights set from outside. */
  readonly lossWeights: readonly string[];
}

/** A step as a program, and the names of the numbers in its packed `signals` output (known after the first run). */
export interface StepProgram extends Program {
  readonly signalNames: readonly string[];
}

/** The input of a step program that holds a part of a reference. */
export const referenceTree = (name: string, part: 'params' | 'state'): string => `references/${name}/${part}`;

const EVERYTHING: UpdateStage = { name: 'step' };

/**
 * The training step as a pure program.
 *
 * Inputs: `params`, `state`, `optimizer`, `memory`, `batch` (`labels` int32 [B], `inputs/<modality>` [B, ...]),
 * `references/<method>/<name>/params` and `/state` (snapshots that methods look at), `controls` (`learningRate`, `epoch`, `key` int32 [2], `alpha` if there is alignment, `weight/<term>`, `method/<id>/<name>`).
 * Outputs: the same four trees after the step, and `signals.packed` [n]: total, terms, reports, in the order of `signalNames`.
 */
export function stepProgram(design: StepDesign): StepProgram {
  const { model } = design;
  const plans = model.methods.flatMap(({ id, method }) => method.plan?.(design.phases[id] ?? method.phase ?? '') ?? []);
  const stages = plans.length > 0 ? plans : [EVERYTHING];
  let signalNames: string[] = [];

  return {
    name: 'step',
    get signalNames() {
      return signalNames;
    },
    run(inputs: Bundle): Bundle {
      let { params, state, optimizer, memory } = inputs as { params: Tree; state: Tree; optimizer: Tree; memory: Tree };
      const batch = inputs['batch']!;
      const controls = inputs['controls']!;
      const weighing: Weighing = {
        alpha: model.alignment === null ? undefined : controls['alpha'],
        lossWeights: subTree('weight', controls),
      };
      const signals: Record<string, Tensor> = {};
      const totals: Tensor[] = [];
      for (const [i, plan] of stages.entries()) {
        const stage: StageInputs = {
          params,
          state,
          memory,
          references: referencesOf(model, inputs),
          inputs: subTree('inputs', batch),
          labels: batch['labels']!,
          epoch: controls['epoch']!,
          key: i === 0 ? controls['key']! : tf.add(controls['key']!, tf.tensor1d([i, 0], 'int32')),
          controls: subTree('method', controls),
          phases: design.phases,
          stage: plan.name,
        };
        const trainable =
          plan.parameters === undefined ? params : Object.fromEntries(Object.entries(params).filter(([path]) => plan.parameters!(path)));
        const result = differentiate(model, stage, trainable, plan.terms ?? (() => true), weighing, design.separateLosses);
        const gradients = transform(design, stage, result);
        const updated = update(design, stage, result, trainable, gradients, optimizer, controls['learningRate']!);
        params = { ...params, ...updated.params };
        optimizer = { ...optimizer, ...updated.state };
        state = { ...result.forward.newState, ...stateAtRest(state, trainable, updated.frozen) };
        memory = { ...memory, ...result.outputs.memory };
        totals.push(result.total);
        for (const term of result.forward.terms) signals[`terms/${term.name}`] = term.value;
        for (const [name, value] of Object.entries(result.outputs.reports)) signals[`reports/${name}`] = value;
      }
      signals['total'] = totals.length === 1 ? totals[0]! : tf.addN(totals);
      signalNames = Object.keys(signals);
      const packed = tf.stack(signalNames.map((name) => tf.reshape(signals[name]!, [])));
      return { params, state, optimizer, memory, signals: { packed } };
    },
  };
}

/** The `gradients` hooks in order, then clipping. */
function transform(design: StepDesign, stage: StageInputs, result: Differentiated): Tree {
  const { model } = design;
  const { features, fused, terms, sampleWeights } = result.forward;
  const forward: LogitsContext['forward'] = (present) => {
    const { scope } = openScope({ params: stage.params, state: stage.state, training: false, key: stage.key });
    return model.fuse(scope, model.encode(scope, stage.inputs, { present }));
  };
  let gradients = result.gradients;
  for (const named of model.methods) {
    if (named.method.gradients === undefined) continue;
    const { scope } = openScope({ params: stage.params, state: stage.state, training: true, key: stage.key });
    const context: GradientsContext = {
      ...stepContext(model, named, stage, result.outputs, 'gradients'),
      features,
      fuse: (own) => model.fuse(scope, own),
      fused,
      forward,
      terms,
      classification: (logits, weights) =>
        classificationOn(
          { model, scope, features, fused, labels: stage.labels, epoch: stage.epoch, sampleWeights: joined(sampleWeights, weights) },
          logits,
          'any',
        ),
      ...(sampleWeights === undefined ? {} : { sampleWeights }),
      gradients,
      byLoss: result.byLoss,
    };
    const before = gradients;
    gradients =
      hook(
        named,
        'gradients',
        () => named.method.gradients!(context),
        (own) => checkLike('the gradients', own, before),
      ) ?? gradients;
  }
  return design.clipNorm === null ? gradients : clipByGlobalNorm(gradients, design.clipNorm);
}

/** The configured rates and the `update` hooks joined (frozen if any says so, rates multiplied), then the optimizer. */
function update(
  design: StepDesign,
  stage: StageInputs,
  result: Differentiated,
  trainable: Tree,
  gradients: Tree,
  optimizer: Tree,
  learningRate: Tensor,
): { params: Tree; state: Tree; frozen: (path: string) => boolean } {
  const paths = Object.keys(trainable);
  const wishes = design.model.methods.flatMap((named): UpdateResult[] => {
    if (named.method.update === undefined) return [];
    const context = { ...stepContext(design.model, named, stage, result.outputs, 'update'), paths };
    const wish = hook(named, 'update', () => named.method.update!(context));
    return wish === undefined ? [] : [wish];
  });
  const { rateOf } = design;
  const own = rateOf === undefined ? [] : [rateOf];
  const wished = wishes.flatMap((wish) => wish.frozen ?? []);
  const frozen = [...own.map((of) => (path: string) => of(path) === 0), ...wished];
  const rates = [...own, ...wishes.flatMap((wish) => wish.rate ?? [])];
  const updated = design.optimizer.update({
    params: trainable,
    gradients,
    state: optimizer,
    learningRate,
    ...(frozen.length === 0 ? {} : { frozen: (path: string) => frozen.some((is) => is(path)) }),
    ...(rates.length === 0
      ? {}
      : {
          rate: (path: string) =>
            rates
              .map((of) => of(path))
              .reduce<number | Tensor>((a, b) => (typeof a === 'number' && typeof b === 'number' ? a * b : tf.mul(a, b)), 1),
        }),
  });
  return { ...updated, frozen: (path) => wished.some((is) => is(path)) };
}

/** Encoder state that a stage leaves as it was: an encoder of which the stage trains nothing keeps its batch statistics too. */
function stateAtRest(state: Tree, trainable: Tree, frozen: (path: string) => boolean): Tree {
  const trained = new Set(
    Object.keys(trainable)
      .filter((path) => !frozen(path))
      .map(modalityOf),
  );
  return Object.fromEntries(
    Object.entries(state).filter(([path]) => {
      const modality = modalityOf(path);
      return modality !== undefined && !trained.has(modality);
    }),
  );
}

function referencesOf(model: Model, inputs: Bundle): StageInputs['references'] {
  return Object.fromEntries(
    referenceNames(model).map((name) => [
      name,
      { params: inputs[referenceTree(name, 'params')]!, state: inputs[referenceTree(name, 'state')]! },
    ]),
  );
}
