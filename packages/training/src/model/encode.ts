import type { Encoder, Fusion, Scope } from '@equimodal/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { attributed } from './attributed.js';

/** What encoding needs of a model. */
export interface Encoding {
  readonly modalities: readonly string[];
  readonly encoders: Readonly<Record<string, Encoder>>;
  readonly fusion: Fusion;
  /** How pieces are called in errors. */
  readonly uses: { readonly fusion: string; readonly encoders: Readonly<Record<string, string>> };
}

/** A value for every name. */
export function mapNames<T>(names: readonly string[], value: (name: string) => T): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, value(name)]));
}

/**
 * Features [batch, featureSize] by modality. A fusion that exchanges maps is called between the stages of the encoders; the
 * encoders advance together then, one stage at a time.
 */
export function encodeAll(encoding: Encoding, scope: Scope, inputs: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const { modalities, encoders, fusion, uses } = encoding;
  const of = (name: string, work: (encoder: Encoder, at: Scope) => Tensor): Tensor =>
    attributed(uses.encoders[name]!, () => work(encoders[name]!, scope.at('encoders').at(name)));
  const { exchange } = fusion;
  if (exchange === undefined) return mapNames(modalities, (name) => of(name, (encoder, at) => encoder.apply(at, inputs[name]!).features));

  const counts = mapNames(modalities, (name) => encoders[name]!.stages!.channels.length);
  let maps: Readonly<Record<string, Tensor>> = inputs;
  for (let stage = 1; stage <= Math.max(...Object.values(counts)); stage++) {
    const advanced = mapNames(modalities, (name) =>
      stage > counts[name]! ? maps[name]! : of(name, (encoder, at) => encoder.stages!.run(at, stage, maps[name]!)),
    );
    maps = exchange.after.includes(stage) ? attributed(uses.fusion, () => exchange.apply(scope.at('fusion'), stage, advanced)) : advanced;
  }
  return mapNames(modalities, (name) => of(name, (encoder, at) => encoder.stages!.end(at, maps[name]!)));
}
