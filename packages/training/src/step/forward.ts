import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type {
  ExchangeContext,
  FeaturesContext,
  Fused,
  Gated,
  LogitsContext,
  LossesContext,
  LossTerm,
  Reference,
  StepContext,
  Tree,
} from '@equimodal/core';
import { mapTree, openScope, stepRandom, stopGradient, subTree } from '@equimodal/nn';
import type { Model, NamedMethod } from '../model/model.js';
import { attributed } from '../model/attributed.js';
import { checkFused, checkLike, checkMemory, checkSynchronous, checkTensor, checkTerms } from '../model/contract.js';
import { classificationOn, objectiveTerms, type ObjectiveInput } from './objective.js';

/** What one stage of a step works on. */
export interface StageInputs {
  readonly params: Tree;
  readonly state: Tree;
  readonly memory: Tree;
  /** Snapshots that methods look at, by `<method>/<name>`. */
  readonly references: Readonly<Record<string, { readonly params: Tree; readonly state: Tree }>>;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly labels: Tensor;
  /** Scalar, counted from 0. */
  readonly epoch: Tensor;
  readonly key: Tensor;
  /** Controls of every method, as `<method>/<name>`. */
  readonly controls: Readonly<Record<string, Tensor>>;
  readonly phases: Readonly<Record<string, string>>;
  readonly stage: string;
}

/** What the methods write while hooks run: memory and reports, by `<method>/<name>`. */
export interface HookOutputs {
  readonly memory: Record<string, Tensor>;
  readonly reports: Record<string, Tensor>;
}

/** Everything a forward pass of a step gives. */
export interface Forward {
  readonly features: Readonly<Record<string, Tensor>>;
  readonly fused: Fused;
  readonly terms: readonly LossTerm[];
  readonly newState: Tree;
  readonly sampleWeights?: Tensor | undefined;
}

/** The part of a hook's context that all in-step hooks share. */
export function stepContext(
  model: Model,
  { id, method }: NamedMethod,
  stage: StageInputs,
  outputs: HookOutputs,
  point: string,
): StepContext {
  const memory = subTree(id, stage.memory);
  return {
    modalities: model.modalities,
    classes: model.classes,
    labels: stage.labels,
    stage: stage.stage,
    phase: stage.phases[id] ?? method.phase ?? '',
    controls: subTree(id, stage.controls),
    scope: openScope({ params: stage.params, state: stage.state, training: true, key: stage.key }).scope.at('methods').at(id),
    params: stage.params,
    random: stepRandom(stage.key, `methods/${id}/${point}`),
    memory: {
      get(name) {
        const value = outputs.memory[`${id}/${name}`] ?? memory[name];
        if (value === undefined) throw new Error(`method "${id}" has no memory "${name}"`);
        return value;
      },
      set(name, value) {
        checkMemory(name, value, memory[name]);
        outputs.memory[`${id}/${name}`] = value;
      },
    },
    reference: (name) => referenceOf(model, id, stage, name),
    report(name, value) {
      if (!(value instanceof tf.Tensor && value.size === 1)) checkTensor(`report "${name}"`, value, []);
      outputs.reports[`${id}/${name}`] = value;
    },
  };
}

/**
 * Calls a hook of a method. What it throws, what the engine refuses of it, and what is wrong with its result name method and plugin.
 *
 * @param check of what it returned, if it returned anything
 */
export function hook<T>({ id, plugin }: NamedMethod, point: string, call: () => T, check?: (result: NonNullable<T>) => void): T {
  return attributed(
    `method "${id}", hook ${point}`,
    () => {
      const result = call();
      checkSynchronous(result);
      if (result !== undefined && result !== null) check?.(result);
      return result;
    },
    plugin,
  );
}

function referenceOf(model: Model, id: string, stage: StageInputs, name: string): Reference {
  const found = stage.references[`${id}/${name}`];
  if (found === undefined) throw new Error(`method "${id}" has no reference "${name}"; declare it in "references"`);
  const encode = () => {
    const { scope } = openScope({ ...found, training: false, key: stage.key });
    return { scope, features: model.encode(scope, stage.inputs) };
  };
  const still = (tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor> => mapTree(tensors, stopGradient);
  return {
    params: found.params,
    features: () => still(encode().features),
    fused() {
      const { scope, features } = encode();
      const { logits, unimodal } = model.fuse(scope, features);
      return { logits: stopGradient(logits), unimodal: still(unimodal) };
    },
  };
}

/** The `exchange` hooks in order; undefined where there is none. */
function exchangeHooks(model: Model, stage: StageInputs, outputs: HookOutputs): ((encoderStage: number) => Gated) | undefined {
  const methods = model.methods.filter(({ method }) => method.exchange !== undefined);
  if (methods.length === 0) return undefined;
  return (encoderStage) => (given) =>
    methods.reduce((gates, named) => {
      const context: ExchangeContext = { ...stepContext(model, named, stage, outputs, `exchange${encoderStage}`), encoderStage, gates };
      return (
        hook(
          named,
          'exchange',
          () => named.method.exchange!(context),
          (own) => checkLike('the gates', own, gates),
        ) ?? gates
      );
    }, given);
}

/** Weights of samples that several parties give are multiplied. */
export function joined(a: Tensor | undefined, b: Tensor | undefined): Tensor | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return tf.mul(a, b);
}

/** Forward pass with the hooks `exchange`, `features`, `logits` and `losses`, in the order of the iteration table. */
export function forwardStage(model: Model, stage: StageInputs, outputs: HookOutputs): Forward {
  const { scope, newState } = openScope({ params: stage.params, state: stage.state, training: true, key: stage.key });
  let features: Readonly<Record<string, Tensor>> = model.encode(scope, stage.inputs, { gated: exchangeHooks(model, stage, outputs) });
  let sampleWeights: Tensor | undefined;
  const fuse: FeaturesContext['fuse'] = (own) => model.fuse(scope, own);
  for (const named of model.methods) {
    if (named.method.features === undefined) continue;
    const context: FeaturesContext = { ...stepContext(model, named, stage, outputs, 'features'), features, fuse };
    const given = features;
    const result = hook(
      named,
      'features',
      () => named.method.features!(context),
      (own) => {
        if (own.features !== undefined || own.sampleWeights === undefined) checkLike('the features', own.features, given);
        if (own.sampleWeights !== undefined) checkTensor('"sampleWeights"', own.sampleWeights, stage.labels.shape);
      },
    );
    features = result?.features ?? features;
    sampleWeights = joined(sampleWeights, result?.sampleWeights);
  }
  let fused = fuse(features);
  const forward = (present: ReadonlySet<string>): Fused => {
    const masked = openScope({ params: stage.params, state: stage.state, training: false, key: stage.key }).scope;
    return model.fuse(masked, model.encode(masked, stage.inputs, { present }));
  };
  const logitsContext = (named: NamedMethod, point: string): LogitsContext => ({
    ...stepContext(model, named, stage, outputs, point),
    features,
    fuse,
    fused,
    forward,
  });
  for (const named of model.methods) {
    fused =
      hook(
        named,
        'logits',
        () => named.method.logits?.(logitsContext(named, 'logits')),
        (own) => checkFused(own, model.modalities, [stage.labels.shape[0]!, model.classes]),
      ) ?? fused;
  }
  const objective: ObjectiveInput = { model, scope, features, fused, labels: stage.labels, sampleWeights, epoch: stage.epoch };
  let terms: readonly LossTerm[] = objectiveTerms(objective);
  for (const named of model.methods) {
    if (named.method.losses === undefined) continue;
    const context: LossesContext = {
      ...logitsContext(named, 'losses'),
      terms,
      classification: (logits, weights) => classificationOn({ ...objective, sampleWeights: joined(sampleWeights, weights) }, logits, 'any'),
      ...(sampleWeights === undefined ? {} : { sampleWeights }),
    };
    terms = hook(named, 'losses', () => named.method.losses!(context), checkTerms) ?? terms;
  }
  return { features, fused, terms, newState: newState(), sampleWeights };
}
