import { definePiece, EquimodalError, type Encoder, type ModalitySpec, type Piece, type Scope } from '@equimodal/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';

/** A weight of a layer: what TensorFlow.js calls a LayerVariable. */
export interface LayersWeight {
  readonly originalName: string;
  readonly trainable: boolean;
  readonly shape: readonly (number | null)[];
  read(): Tensor;
  write(value: Tensor): unknown;
}

/** The part of a TensorFlow.js `LayersModel` that is needed, so that its package need not be installed. */
export interface LayersModelLike {
  readonly inputs: readonly { readonly shape: readonly (number | null)[] }[];
  readonly outputs: readonly { readonly shape: readonly (number | null)[] }[];
  readonly layers: readonly { readonly weights: readonly LayersWeight[] }[];
  apply(input: Tensor, options: { readonly training: boolean }): unknown;
}

interface Placed {
  readonly weight: LayersWeight;
  /** `<layer>/<name>`, layers counted from 0. */
  readonly path: string;
}

/**
 * A Keras model, as a TensorFlow.js `LayersModel` of one input and one output [batch, features], as an encoder: built in code, or loaded with
 * `tf.loadLayersModel`. Training starts from the model's own weights and leaves them as they are: they are copied into the run's tree,
 * trainable ones as parameters and the others (moving averages) as state, under `<layer>/<name>` with layers counted from 0.
 *
 * Layers that draw random numbers of their own (Dropout, GaussianNoise) are refused in training (EQM_STEP_IMPURE); regularisers and constraints are not applied.
 *
 * @throws EQM_CONFIG_INCOMPATIBLE for a model of several inputs or outputs, or one that does not fit the modality.
 * @example
 * const cnn = await tf.loadLayersModel('file://cnn/model.json');
 * await train({ dataset: 'mine', encoders: { default: 'mlp', image: 'my-cnn' }, recipes: ['concat'] }, { pieces: [fromLayersModel(cnn, { id: 'my-cnn' })] });
 */
export function fromLayersModel(model: LayersModelLike, { id }: { readonly id: string }): Piece<'encoder', z.ZodObject> {
  return definePiece({
    kind: 'encoder',
    id,
    description: 'A Keras model, as a TensorFlow.js LayersModel.',
    facts: {},
    options: z.object({}),
    create: (_options, { modality }) => encoderOf(model, id, modality),
  });
}

function encoderOf(model: LayersModelLike, id: string, modality: ModalitySpec): Encoder {
  const featureSize = checkModel(model, id, modality);
  const placed = placedWeights(model);
  const copies = (trainable: boolean) =>
    Object.fromEntries(
      placed.filter(({ weight }) => weight.trainable === trainable).map(({ weight, path }) => [path, tf.clone(weight.read())]),
    );
  return {
    featureSize,
    init: () => ({ params: copies(true), state: copies(false) }),
    apply: (scope, input) => ({ features: applied(model, placed, scope, input) }),
  };
}

/** Size of the output. */
function checkModel({ inputs, outputs }: LayersModelLike, id: string, { name, shape }: ModalitySpec): number {
  const refuse = (message: string): EquimodalError =>
    new EquimodalError('EQM_CONFIG_INCOMPATIBLE', message, { where: `encoder "${id}" of modality "${name}"` });
  if (inputs.length !== 1 || outputs.length !== 1) {
    throw refuse(`the model has ${inputs.length} inputs and ${outputs.length} outputs; expected one of each`);
  }
  const taken = inputs[0]!.shape.slice(1);
  if (taken.length !== shape.length || taken.some((size, axis) => size !== null && size !== shape[axis])) {
    throw refuse(`the model takes [${taken.join(', ')}]; the modality is [${shape.join(', ')}]`);
  }
  const [, features, ...more] = outputs[0]!.shape;
  if (typeof features !== 'number' || more.length > 0) {
    throw refuse(
      `the model gives [${outputs[0]!.shape.slice(1).join(', ')}]; expected a vector of fixed size (end with a pooling, Flatten or Dense layer)`,
    );
  }
  return features;
}

/** Paths that do not depend on how many models the process has made before, unlike the names of Keras. */
function placedWeights({ layers }: LayersModelLike): Placed[] {
  return layers.flatMap(({ weights }, layer) => {
    const taken = new Map<string, number>();
    return weights.map((weight) => {
      const name = weight.originalName.split('/').at(-1)!;
      const times = taken.get(name) ?? 0;
      taken.set(name, times + 1);
      return { weight, path: `${layer}/${name}${times === 0 ? '' : `-${times}`}` };
    });
  });
}

/** Calls the model with the scope's tensors in the place of its weights; what layers write is the scope's new state. */
function applied(model: LayersModelLike, placed: readonly Placed[], scope: Scope, input: Tensor): Tensor {
  const written = new Map<string, Tensor>();
  try {
    for (const { weight, path } of placed) {
      const [layer, name] = path.split('/') as [string, string];
      const at = scope.at(layer);
      weight.read = () => written.get(path) ?? (weight.trainable ? at.param(name) : at.state(name));
      weight.write = (value) => {
        // Layers write inside a tidy of their own.
        written.get(path)?.dispose();
        written.set(path, tf.keep(tf.clone(value)));
      };
    }
    const features = model.apply(input, { training: scope.training }) as Tensor;
    for (const [path, value] of written) {
      const [layer, name] = path.split('/') as [string, string];
      scope.at(layer).setState(name, tf.clone(value));
    }
    return features;
  } finally {
    for (const { weight } of placed) {
      // The methods of the class are there again.
      delete (weight as Partial<LayersWeight>).read;
      delete (weight as Partial<LayersWeight>).write;
    }
    for (const value of written.values()) value.dispose();
  }
}
