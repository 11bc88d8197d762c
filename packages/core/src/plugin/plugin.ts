import type { DependencyContainer } from 'tsyringe';
import type { AnyPiece, Kind, RecipeData } from './pieces.js';

/** Version of the plugin contract of this core. A plugin names the one it was written for. */
export const CONTRACT_VERSION = 1;

/** What a plugin may require: a piece of another plugin, as `kind:id`. */
export type Requirement = `${Kind}:${string}`;

/** A plugin: a manifest plus factories. */
export interface Plugin {
  readonly name: string;
  readonly version?: string;
  readonly contractVersion: number;
  readonly provides: readonly AnyPiece[];
  readonly recipes?: readonly RecipeData[];
  readonly requires?: readonly Requirement[];
  /** Registers services of its own in a run's container, under tokens made with `createToken`. */
  register?(container: DependencyContainer): void;
}

const PLUGIN = Symbol.for('equimodal:plugin');

/** Marks a manifest as a plugin; the host refuses anything else. */
export function definePlugin(plugin: Plugin): Plugin {
  return Object.freeze({ ...plugin, [PLUGIN]: true });
}

export function isPlugin(value: unknown): value is Plugin {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[PLUGIN] === true;
}
