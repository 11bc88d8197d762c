import type { z } from 'zod';
import type { AlphaContext, AlphaScheduler } from '../contracts/alpha.js';
import type { Dataset, DatasetContext } from '../contracts/dataset.js';
import type { Encoder, EncoderContext } from '../contracts/encoder.js';
import type { EngineContext, EngineProvider } from '../contracts/engine.js';
import type { Facts } from '../contracts/facts.js';
import type { Fusion, FusionContext } from '../contracts/fusion.js';
import type { Alignment, AlignmentContext, Loss, LossContext } from '../contracts/loss.js';
import type { Method, MethodContext } from '../contracts/method.js';
import type { Metric } from '../contracts/metric.js';
import type { Observer, ObserverContext } from '../contracts/observer.js';
import type { Token } from './tokens.js';

/** Per kind of piece: what its factory is given and what it makes. */
export interface Kinds {
  encoder: { context: EncoderContext; instance: Encoder };
  fusion: { context: FusionContext; instance: Fusion };
  loss: { context: LossContext; instance: Loss };
  alignment: { context: AlignmentContext; instance: Alignment };
  'alpha-scheduler': { context: AlphaContext; instance: AlphaScheduler };
  method: { context: MethodContext; instance: Method };
  metric: { context: object; instance: Metric };
  dataset: { context: DatasetContext; instance: Dataset };
  observer: { context: ObserverContext; instance: Observer };
  engine: { context: EngineContext; instance: EngineProvider };
}
export type Kind = keyof Kinds;

export const KINDS = [
  'encoder',
  'fusion',
  'loss',
  'alignment',
  'alpha-scheduler',
  'method',
  'metric',
  'dataset',
  'observer',
  'engine',
] as const satisfies readonly Kind[];

/** Resolves what the run's container holds. */
export interface Resolver {
  resolve<T>(token: Token<T>): T;
}

/** A provided piece: id, one line of description, declared facts, an options schema and a factory. */
export interface Piece<K extends Kind = Kind, S extends z.ZodObject = z.ZodObject> {
  readonly kind: K;
  readonly id: string;
  readonly description: string;
  readonly facts: Facts;
  readonly options: S;
  /**
   * Reads what options name outside of the experiment file (a recorded curve, say) and gives options that hold it, so that a run and its
   * record do not depend on it any more. Called once, when an experiment is read; given its own answer it changes nothing.
   *
   * @throws EquimodalError, which becomes a problem of the experiment file
   */
  pin?(options: z.output<S>, places: PinPlaces): z.output<S>;
  create(options: z.output<S>, context: Kinds[K]['context'], resolver: Resolver): Kinds[K]['instance'];
}

/** Where a piece may look for what its options name. */
export interface PinPlaces {
  /** Folder of the experiment file: relative paths are from here. */
  readonly baseDir: string;
}

/** Any piece, whatever its options. */
export type AnyPiece = { [K in Kind]: Piece<K, z.ZodObject> }[Kind];

/** A recipe: a named row of the comparison table, as data. */
export interface RecipeData {
  readonly id: string;
  readonly description: string;
  readonly [key: string]: unknown;
}

/**
 * Defines a piece with its types inferred from the options schema.
 *
 * @example
 * export const half = definePiece({
 *   kind: 'alpha-scheduler', id: 'half', description: 'alpha = 1/2', facts: {}, options: z.object({}),
 *   create: () => ({ initial: 0.5, update: () => ({ alpha: 0.5 }) }),
 * });
 */
export function definePiece<K extends Kind, S extends z.ZodObject>(piece: Piece<K, S>): Piece<K, S> {
  return Object.freeze(piece);
}
