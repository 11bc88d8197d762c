import type { Tensor } from '@tensorflow/tfjs-core';
import type { FeaturesContext, Fused, LogitsContext, LossesContext, LossTerm, StepContext, Tree } from '@equimodal/core';
import { openScope, stepRandom, subTree } from '@equimodal/nn';
import type { Model, NamedMethod } from '../model/model.js';
import { attributed } from '../model/attributed.js';
import { classificationOn, objectiveTerms, type ObjectiveInput } from './objective.js';

/** What one stage of a step works on. */
export interface StageInputs {
  readonly params: Tree;
  readonly state: Tree;
  readonly memory: Tree;
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
        outputs.memory[`${id}/${name}`] = value;
      },
    },
    report(name, value) {
      outputs.reports[`${id}/${name}`] = value;
    },
  };
}

/** Calls a hook of a method; the engine's refusals name it. */
export function hook<T>({ id }: NamedMethod, point: string, call: () => T): T {
  return attributed(`method "${id}", hook ${point}`, call);
}

/** Forward pass with the hooks `features`, `logits` and `losses`, in the order of the iteration table. */
export function forwardStage(model: Model, stage: StageInputs, outputs: HookOutputs): Forward {
  const { scope, newState } = openScope({ params: stage.params, state: stage.state, training: true, key: stage.key });
  let features: Readonly<Record<string, Tensor>> = model.encode(scope, stage.inputs);
  let sampleWeights: Tensor | undefined;
  for (const named of model.methods) {
    if (named.method.features === undefined) continue;
    const context: FeaturesContext = { ...stepContext(model, named, stage, outputs, 'features'), features };
    const result = hook(named, 'features', () => named.method.features!(context));
    features = result?.features ?? features;
    sampleWeights = result?.sampleWeights ?? sampleWeights;
  }
  let fused = model.fuse(scope, features);
  const forward = (present: ReadonlySet<string>): Fused => {
    const masked = openScope({ params: stage.params, state: stage.state, training: false, key: stage.key }).scope;
    return model.fuse(masked, model.encode(masked, stage.inputs, present));
  };
  const logitsContext = (named: NamedMethod, point: string): LogitsContext => ({
    ...stepContext(model, named, stage, outputs, point),
    features,
    fused,
    forward,
  });
  for (const named of model.methods) {
    fused = hook(named, 'logits', () => named.method.logits?.(logitsContext(named, 'logits'))) ?? fused;
  }
  const objective: ObjectiveInput = { model, scope, features, fused, labels: stage.labels, sampleWeights, epoch: stage.epoch };
  let terms: readonly LossTerm[] = objectiveTerms(objective);
  for (const named of model.methods) {
    if (named.method.losses === undefined) continue;
    const context: LossesContext = {
      ...logitsContext(named, 'losses'),
      terms,
      classification: (logits) => classificationOn(objective, logits, 'any'),
    };
    terms = hook(named, 'losses', () => named.method.losses!(context)) ?? terms;
  }
  return { features, fused, terms, newState: newState() };
}
