import type { Tensor } from '@tensorflow/tfjs-core';

/** Random numbers inside a step: stateless, keyed by run seed, step and path, so a replay is exact. */
export interface StepRandom {
  /** Uniform in [0, 1), float32. Each call of a step draws from its own sub-stream. */
  uniform(shape: readonly number[]): Tensor;
  /** Standard normal, float32. */
  normal(shape: readonly number[]): Tensor;
}

/**
 * What a pure module sees while it is applied: its parameters and state below one path.
 *
 * `setState` does not change anything in place: the caller of the forward pass collects it.
 */
export interface Scope {
  readonly path: string;
  /** True in a training pass: batch statistics are used, dropout is active. */
  readonly training: boolean;
  readonly random: StepRandom;
  /** The scope below this one. */
  at(name: string | number): Scope;
  /** A parameter of this scope. Throws EQM_PLUGIN_FAULT naming the path when there is none. */
  param(name: string): Tensor;
  hasParam(name: string): boolean;
  state(name: string): Tensor;
  setState(name: string, value: Tensor): void;
}
