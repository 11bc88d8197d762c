import type { InjectionToken } from 'tsyringe';
import type { Engine } from '../contracts/engine.js';
import type { RunControls } from '../contracts/observer.js';
import type { UseInput } from '../config/schema.js';
import type { RandomStream } from '../random/random.js';
import type { Signals } from '../signals/bus.js';
import type { Kind, Kinds } from './pieces.js';

/** A typed token: what is registered under it and what is resolved from it have the same type. */
export type Token<T> = symbol & { readonly __type?: T };

/** Makes a token. Tokens are compared by description, so that two copies of a package agree. */
export function createToken<T>(description: string): Token<T> & InjectionToken<T> {
  return Symbol.for(`equimodal:${description}`) as Token<T> & InjectionToken<T>;
}

/** What a run's container holds. A plugin resolves these, and registers its own beside them. */
export const SIGNALS = createToken<Signals>('signals');
export const RUN_CONTROLS = createToken<RunControls>('run-controls');
export const RANDOM = createToken<RandomStream>('random');
export const ENGINE = createToken<Engine>('engine');

/** Makes the pieces that another one wraps: what an option declared with `choiceOf` names. There inside a run and outside. */
export interface PieceMaker {
  /** @throws EQM_CONFIG_UNKNOWN_ID, or EQM_CONFIG_INVALID for options that its schema refuses. */
  make<K extends Kind>(kind: K, choice: UseInput, context: Kinds[K]['context']): Kinds[K]['instance'];
}
export const PIECES = createToken<PieceMaker>('pieces');
