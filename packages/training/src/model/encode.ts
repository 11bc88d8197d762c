import type { Encoder, Fusion, Gated, Scope } from '@equimodal/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { attributed } from './attributed.js';
import { checkLike, checkTensor } from './contract.js';

/** What encoding needs of a model. */
export interface Encoding {
  readonly modalities: readonly string[];
  readonly encoders: Readonly<Record<string, Encoder>>;
  readonly fusion: Fusion;
  /** How pieces are called in errors. */
  readonly uses: { readonly fusion: string; readonly encoders: Readonly<Record<string, string>> };
  /** Names of the plugins they come from. */
  readonly plugins?: { readonly fusion: string | undefined; readonly encoders: Readonly<Record<string, string | undefined>> };
}

/** Maps of a modality after a stage, as the stage before them left them -> as what follows sees them. */
export interface Tap {
  readonly modality: string;
  /** Counted from 1. */
  readonly stage: number;
  readonly apply: (maps: Tensor) => Tensor;
}

/** What is done between the stages of encoders. */
export interface StageWork {
  /** What methods do to the gates of a stage, counted from 1. */
  readonly gated?: ((stage: number) => Gated) | undefined;
  /** Sees, or replaces, the maps of one stage. */
  readonly tap?: Tap | undefined;
}

/** A value for every name. */
export function mapNames<T>(names: readonly string[], value: (name: string) => T): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, value(name)]));
}

/**
 * Features [batch, featureSize] by modality. A fusion that exchanges maps is called between the stages of the encoders; the
 * encoders advance together then, one stage at a time.
 */
export function encodeAll(
  encoding: Encoding,
  scope: Scope,
  inputs: Readonly<Record<string, Tensor>>,
  { gated, tap }: StageWork = {},
): Record<string, Tensor> {
  const { modalities, encoders, fusion, uses, plugins } = encoding;
  const of = (name: string, work: (encoder: Encoder, at: Scope) => Tensor): Tensor =>
    attributed(uses.encoders[name]!, () => work(encoders[name]!, scope.at('encoders').at(name)), plugins?.encoders[name]);
  const featuresOf = (name: string, work: (encoder: Encoder, at: Scope) => Tensor): Tensor =>
    of(name, (encoder, at) => {
      const features = work(encoder, at);
      checkTensor('the feature vector', features, [inputs[name]!.shape[0]!, encoder.featureSize]);
      return features;
    });
  const { exchange } = fusion;
  if (exchange === undefined) {
    return mapNames(modalities, (name) =>
      featuresOf(name, (encoder, at) =>
        tap?.modality === name ? tapped(encoder, at, inputs[name]!, tap) : encoder.apply(at, inputs[name]!).features,
      ),
    );
  }

  const counts = mapNames(modalities, (name) => encoders[name]!.stages!.channels.length);
  let maps: Readonly<Record<string, Tensor>> = inputs;
  for (let stage = 1; stage <= Math.max(...Object.values(counts)); stage++) {
    const advanced = mapNames(modalities, (name) =>
      stage > counts[name]! ? maps[name]! : of(name, (encoder, at) => encoder.stages!.run(at, stage, maps[name]!)),
    );
    maps = exchange.after.includes(stage)
      ? attributed(
          uses.fusion,
          () => {
            const exchanged = exchange.apply(scope.at('fusion'), stage, advanced, gated?.(stage));
            checkLike(`the maps after stage ${stage}`, exchanged, advanced);
            return exchanged;
          },
          plugins?.fusion,
        )
      : advanced;
    if (tap?.stage === stage) maps = { ...maps, [tap.modality]: tap.apply(maps[tap.modality]!) };
  }
  return mapNames(modalities, (name) => featuresOf(name, (encoder, at) => encoder.stages!.end(at, maps[name]!)));
}

function tapped(encoder: Encoder, at: Scope, input: Tensor, { stage, apply }: Tap): Tensor {
  const stages = encoder.stages!;
  const maps = stages.channels.reduce((x, _, i) => {
    const next = stages.run(at, i + 1, x);
    return i + 1 === stage ? apply(next) : next;
  }, input);
  return stages.end(at, maps);
}
