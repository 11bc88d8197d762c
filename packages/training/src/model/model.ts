import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import {
  asChosen,
  encoderChosen,
  EquimodalError,
  type Alignment,
  type AlignmentInput,
  type Encoder,
  type Fused,
  type Fusion,
  type Loss,
  type Method,
  type ModalitySpec,
  type RandomStream,
  type RecipeConfig,
  type RunContainer,
  type Scope,
  type Variables,
} from '@equimodal/core';
import { initChildren } from '@equimodal/nn';
import { PrecomputedEncoder } from '../frozen/precomputed.js';
import { attributed } from './attributed.js';
import { checkFused, checkTensor, checkVariables } from './contract.js';
import { encodeAll, mapNames, type StageWork } from './encode.js';

/** A classification loss and what it is applied to. */
export interface ObjectiveLoss {
  readonly id: string;
  readonly compute: Loss['compute'];
  readonly on: 'fused' | 'unimodal';
  readonly weight: number;
}

/** A method of the run, under the name its state and reports go by. */
export interface NamedMethod {
  readonly id: string;
  readonly method: Method;
  /** Name of the plugin it comes from. */
  readonly plugin?: string | undefined;
}

export interface EncodeOptions extends StageWork {
  /** Modalities outside are zeroed at the input. Absent: all are there. */
  readonly present?: ReadonlySet<string>;
}

/** Everything a row is made of, built for one dataset. Pure: it holds no tensors. */
export interface Model {
  readonly modalities: readonly string[];
  readonly classes: number;
  readonly encoders: Readonly<Record<string, Encoder>>;
  readonly fusion: Fusion;
  readonly losses: readonly ObjectiveLoss[];
  readonly alignment: Alignment | null;
  /** Factor on the alignment loss. */
  readonly alignmentWeight: number;
  readonly methods: readonly NamedMethod[];
  init(random: RandomStream): Variables;
  /** Features [batch, featureSize] by modality. */
  encode(scope: Scope, inputs: Readonly<Record<string, Tensor>>, how?: EncodeOptions): Record<string, Tensor>;
  fuse(scope: Scope, features: Readonly<Record<string, Tensor>>): Fused;
  /** Fused logits [batch, classes] of the modalities that inputs are given for. Only where the fusion has `partial`. */
  fusePartly(scope: Scope, inputs: Readonly<Record<string, Tensor>>): Tensor;
  /** The alignment loss, scalar. @throws Error where the recipe has none. */
  align(scope: Scope, input: AlignmentInput): Tensor;
}

/** The snapshots that methods look at inside a step, as `<method>/<name>`. */
export function referenceNames({ methods }: Pick<Model, 'methods'>): string[] {
  return methods.flatMap(({ id, method }) => (method.references ?? []).map((name) => `${id}/${name}`));
}

/** Builds the model of a row; every piece is made in the run's container. */
export function buildModel(
  container: RunContainer,
  recipe: RecipeConfig,
  data: {
    readonly modalities: readonly ModalitySpec[];
    readonly classes: number;
    /** Encoders that are made already. */
    readonly encoders?: Readonly<Record<string, Encoder>>;
  },
): Model {
  const { modalities } = recipe;
  const { classes } = data;
  const encoders = data.encoders ?? makeEncoders(container, recipe, data.modalities);
  const featureSizes = Object.fromEntries(modalities.map((name) => [name, encoders[name]!.featureSize]));
  const stages = Object.fromEntries(
    modalities.flatMap((name) => (encoders[name]!.stages === undefined ? [] : [[name, encoders[name]!.stages.channels]])),
  );
  const shape = { modalities, featureSizes, classes };
  const fusion = container.create('fusion', asChosen(recipe.fusion), { ...shape, stages });
  const losses = recipe.losses.map(({ on, weight, ...spec }): ObjectiveLoss => {
    const loss = container.create('loss', asChosen(spec), { classes });
    const compute: Loss['compute'] = (input) => {
      const value = loss.compute(input);
      checkTensor('the loss', value, []);
      return value;
    };
    const plugin = container.pluginOf('loss', spec.use);
    return { id: spec.use, compute: (input) => attributed(`loss "${spec.use}"`, () => compute(input), plugin), on, weight };
  });
  const { weight: alignmentWeight, ...alignmentSpec } = recipe.alignment ?? { use: '', weight: 1 };
  const alignment = recipe.alignment === null ? null : container.create('alignment', asChosen(alignmentSpec), shape);
  const methods = recipe.methods.map((spec, i): NamedMethod => {
    const repeated = recipe.methods.findIndex((other) => other.use === spec.use) !== i;
    const method = container.create('method', asChosen(spec), { ...shape, stages, epochs: recipe.training.epochs });
    return { id: repeated ? `${spec.use}-${i}` : spec.use, method, plugin: container.pluginOf('method', spec.use) };
  });

  const uses = {
    fusion: `fusion "${recipe.fusion.use}"`,
    encoders: mapNames(modalities, (name) => `encoder "${recipe.encoders[name]!.use}" of modality "${name}"`),
  };
  const plugins = {
    fusion: container.pluginOf('fusion', recipe.fusion.use),
    encoders: mapNames(modalities, (name) => container.pluginOf('encoder', recipe.encoders[name]!.use)),
  };
  const inFusion = <T>(run: () => T): T => attributed(uses.fusion, run, plugins.fusion);
  /** Draws variables with the piece's name on what goes wrong. */
  const initOf = (who: string, init: (random: RandomStream) => Variables, plugin: string | undefined) => ({
    init: (random: RandomStream): Variables =>
      attributed(
        who,
        () => {
          const variables = init(random);
          checkVariables(variables);
          return variables;
        },
        plugin,
      ),
  });

  return {
    modalities,
    classes,
    encoders,
    fusion,
    losses,
    alignment,
    alignmentWeight,
    methods,
    init(random) {
      const own = methods.flatMap(({ id, method, plugin }) =>
        method.init === undefined ? [] : [[`methods/${id}`, initOf(`method "${id}"`, (r) => method.init!(r), plugin)] as const],
      );
      const alignmentUse = recipe.alignment?.use ?? '';
      const trainable = {
        ...Object.fromEntries(
          modalities.map((name) => [
            `encoders/${name}`,
            initOf(uses.encoders[name]!, (r) => encoders[name]!.init(r), plugins.encoders[name]),
          ]),
        ),
        fusion: initOf(uses.fusion, (r) => fusion.init(r), plugins.fusion),
        ...(alignment?.init === undefined
          ? {}
          : { alignment: initOf(`alignment "${alignmentUse}"`, (r) => alignment.init!(r), container.pluginOf('alignment', alignmentUse)) }),
        ...Object.fromEntries(own),
      };
      return initChildren(trainable, random);
    },
    encode(scope, inputs, { present, ...work } = {}) {
      const shown = mapNames(modalities, (name) => {
        const input = inputs[name]!;
        return present === undefined || present.has(name) ? input : absentInput(encoders[name]!, input);
      });
      return encodeAll({ modalities, encoders, fusion, uses, plugins }, scope, shown, work);
    },
    fuse: (scope, features) =>
      inFusion(() => {
        const fused = fusion.apply(scope.at('fusion'), features);
        checkFused(fused, modalities, [Object.values(features)[0]!.shape[0]!, classes]);
        return fused;
      }),
    fusePartly(scope, inputs) {
      const present = modalities.filter((name) => inputs[name] !== undefined);
      const features = encodeAll({ modalities: present, encoders, fusion, uses, plugins }, scope, inputs);
      return inFusion(() => fusion.partial!(scope.at('fusion'), features));
    },
    align(scope, input) {
      if (alignment === null || recipe.alignment === null) throw new Error('the recipe has no alignment loss');
      const { use } = recipe.alignment;
      return attributed(
        `alignment "${use}"`,
        () => {
          const value = alignment.compute(input, scope.at('alignment'));
          checkTensor('the loss', value, []);
          return value;
        },
        container.pluginOf('alignment', use),
      );
    },
  };
}

/** The encoders of a row, by modality. */
export function makeEncoders(container: RunContainer, recipe: RecipeConfig, specs: readonly ModalitySpec[]): Record<string, Encoder> {
  const make = (name: string): Encoder => {
    const modality = specs.find((spec) => spec.name === name);
    if (modality === undefined) {
      throw new EquimodalError('EQM_DATA_SPLIT', `the dataset has no modality "${name}"`, { where: `recipe "${recipe.id}"` });
    }
    return container.create('encoder', encoderChosen(recipe.encoders[name]!), { modality });
  };
  return Object.fromEntries(recipe.modalities.map((name) => [name, make(name)]));
}

/** What an encoder is shown of a modality that is absent: zeros, or what it made of zeros before training. */
function absentInput(encoder: Encoder, input: Tensor): Tensor {
  return encoder instanceof PrecomputedEncoder ? encoder.absent(input.shape[0]!) : tf.zerosLike(input);
}

/** Number of trainable scalars per part: one entry per encoder, `fusion`, and the rest. */
export function countParameters(variables: Variables): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [path, leaf] of Object.entries(variables.params)) {
    const [head, name] = path.split('/');
    const part = head === 'encoders' || head === 'methods' ? `${head}/${name}` : head!;
    counts[part] = (counts[part] ?? 0) + leaf.size;
  }
  return counts;
}
