import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { EquimodalError, hashKey, suggestion, type Scope, type StepRandom, type Tree } from '@equimodal/core';
import { statelessUniform } from '@equimodal/engine';

/** What one forward pass is run with. */
export interface Pass {
  readonly params: Tree;
  readonly state: Tree;
  readonly training: boolean;
  /** int32 [2]: key of this pass's random numbers. Absent: a random draw is an error. */
  readonly key?: Tensor;
}

class PassScope implements Scope {
  readonly random: StepRandom;

  constructor(
    readonly path: string,
    private readonly pass: Pass,
    private readonly collected: Record<string, Tensor>,
    private readonly draws: Map<string, number>,
  ) {
    this.random = stepRandom(pass.key, path, draws);
  }

  get training(): boolean {
    return this.pass.training;
  }

  at(name: string | number): Scope {
    return new PassScope(this.path === '' ? String(name) : `${this.path}/${name}`, this.pass, this.collected, this.draws);
  }

  param(name: string): Tensor {
    return this.#leaf(this.pass.params, name, 'parameter');
  }

  hasParam(name: string): boolean {
    return this.#pathOf(name) in this.pass.params;
  }

  state(name: string): Tensor {
    return this.collected[this.#pathOf(name)] ?? this.#leaf(this.pass.state, name, 'state');
  }

  setState(name: string, value: Tensor): void {
    const path = this.#pathOf(name);
    if (!(path in this.pass.state)) throw missing('state', path, this.pass.state);
    this.collected[path] = value;
  }

  #pathOf(name: string): string {
    return this.path === '' ? name : `${this.path}/${name}`;
  }

  #leaf(tree: Tree, name: string, what: string): Tensor {
    const path = this.#pathOf(name);
    const leaf = tree[path];
    if (leaf === undefined) throw missing(what, path, tree);
    return leaf;
  }
}

function missing(what: string, path: string, tree: Tree): EquimodalError {
  return new EquimodalError('EQM_PLUGIN_FAULT', `there is no ${what} "${path}": ${suggestion(path, Object.keys(tree))}`, {
    where: path,
    fix: 'A module may only use what its init returned, under the same names.',
  });
}

/**
 * Opens a scope over parameters and state for one pure forward pass.
 *
 * @returns the root scope and `newState()`, the state tree after the pass: what was set replaces what was handed in.
 */
export function openScope(pass: Pass): { readonly scope: Scope; newState(): Tree } {
  const collected: Record<string, Tensor> = {};
  return { scope: new PassScope('', pass, collected, new Map()), newState: () => ({ ...pass.state, ...collected }) };
}

/**
 * Random numbers keyed by a pass's key and a site's name; each call gets its own sub-key.
 *
 * @param draws how often each site has drawn. Shared by the scopes of a pass, so that a module applied twice draws anew.
 */
export function stepRandom(key: Tensor | undefined, site: string, draws = new Map<string, number>()): StepRandom {
  const nextKey = (): Tensor => {
    if (key === undefined) {
      throw new EquimodalError('EQM_PLUGIN_FAULT', `"${site}" draws a random number in a pass that has no key`, {
        where: site,
        fix: 'Draw in training passes only, or hand a key to the pass.',
      });
    }
    const call = draws.get(site) ?? 0;
    draws.set(site, call + 1);
    const fold = `${site}@${call}`;
    return tf.add(key, tf.tensor1d([hashKey(fold) | 0, hashKey(fold, 1) | 0], 'int32'));
  };
  const uniform = (shape: readonly number[]): Tensor => statelessUniform(shape, nextKey());
  return {
    uniform,
    normal(shape) {
      // Box-Muller; 1 - u keeps the logarithm finite.
      const radius = tf.sqrt(tf.mul(tf.log(tf.sub(1, uniform(shape))), -2));
      return tf.mul(radius, tf.cos(tf.mul(uniform(shape), 2 * Math.PI)));
    },
  };
}
