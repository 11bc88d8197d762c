import { EquimodalError, type Tree } from '@equimodal/core';
import { isRecording } from '@equimodal/engine';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { groupLeaves, pack, unpack, type LeafGroup } from '../packing/packing.js';
import { prefixTree } from '../tree/tree.js';
import { activeLeaves, type OptimizerInput } from './optimizer.js';

/** One parameter, or several small ones as one flat tensor, with all that an update rule needs of it. */
export interface Portion {
  readonly param: Tensor;
  readonly gradient: Tensor;
  /** By slot, of the shape of the parameter. */
  readonly slots: Readonly<Record<string, Tensor>>;
  /** Learning rate, scalar. */
  readonly rate: Tensor;
  /** Given one number for each active path, [paths]: that of each element, to be multiplied with the parameter. */
  spread(perPath: Tensor): Tensor;
}

/** What a rule makes of a portion. The rule works element by element, so that packing changes no bit. */
export interface Updated {
  readonly param: Tensor;
  readonly slots: Readonly<Record<string, Tensor>>;
}

/** A slot's state of one path. */
export function slot(state: Tree, name: string, path: string): Tensor {
  const leaf = state[`${name}/${path}`];
  if (leaf !== undefined) return leaf;
  throw new EquimodalError('EQM_PLUGIN_FAULT', `the optimizer has no state "${name}" of "${path}"`, {
    where: path,
    fix: 'Hand in the state that init or the last update of the same optimizer returned.',
  });
}

/** An update rule, and state that belongs to whole paths. */
export interface Rule {
  update(portion: Portion): Updated;
  /** Leaves of the new state that are no slots. */
  readonly state?: Tree;
}

/**
 * Updates all active parameters by a rule; small ones that share a learning rate go through it as one flat tensor.
 *
 * @param slots names of the state that is kept of each element.
 * @param prepare is called once, with the active paths.
 */
export function updateLeaves(
  input: OptimizerInput,
  slots: readonly string[],
  prepare: (paths: readonly string[]) => Rule,
): { readonly params: Tree; readonly state: Tree } {
  const { params: active, factors } = activeLeaves(input);
  const paths = Object.keys(active);
  const params: Record<string, Tensor> = {};
  const state: Record<string, Tensor> = {};
  if (paths.length > 0) {
    tf.tidy(() => {
      const rule = prepare(paths);
      const rate = rates(input.learningRate, factors);
      const elements = new PerPath(paths);
      const { groups, single } = groupLeaves(active, { kind: (path) => (isWorthPacking(active[path]!) ? factors.get(path) : path) });
      try {
        for (const group of groups) {
          const old = slots.map((name) => [name, pack(slotLeaves(input.state, name, group.paths), group)]);
          const updated = apply(rule, {
            param: pack(active, group),
            gradient: pack(input.gradients, group),
            slots: Object.fromEntries(old) as Record<string, Tensor>,
            rate: rate(group.paths[0]!),
            spread: (perPath) => elements.ofGroup(perPath, group),
          });
          Object.assign(params, unpack(updated.param, group));
          for (const name of slots) Object.assign(state, prefixTree(name, unpack(updated.slots[name]!, group)));
        }
        for (const path of single) {
          const updated = apply(rule, {
            param: active[path]!,
            gradient: input.gradients[path]!,
            slots: Object.fromEntries(slots.map((name) => [name, slot(input.state, name, path)])),
            rate: rate(path),
            spread: (perPath) => elements.ofPath(perPath, path),
          });
          params[path] = updated.param;
          for (const name of slots) state[`${name}/${path}`] = updated.slots[name]!;
        }
      } finally {
        elements.dispose();
      }
      Object.assign(state, rule.state);
      return [...Object.values(params), ...Object.values(state)];
    });
  }
  return { params: { ...input.params, ...params }, state: { ...input.state, ...state } };
}

/** What lies between is let go of portion by portion: together it is several times the parameters. */
function apply(rule: Rule, portion: Portion): Updated {
  return tf.tidy(() => rule.update(portion) as { param: Tensor; slots: Record<string, Tensor> });
}

/** The learning rate of a path; one op a factor. */
function rates(learningRate: Tensor, factors: ReadonlyMap<string, number | Tensor>): (path: string) => Tensor {
  const known = new Map<number | Tensor | undefined, Tensor>([[1, learningRate]]);
  return (path) => {
    const factor = factors.get(path)!;
    const rate = known.get(factor) ?? tf.mul(learningRate, factor);
    known.set(factor, rate);
    return rate;
  };
}

/**
 * A captured program drops the packing of what arrives packed. Run op by op, only vectors are worth it: to flatten
 * another leaf and to shape it again takes as many ops as are saved.
 */
const isWorthPacking = (leaf: Tensor): boolean => isRecording() || leaf.rank === 1;

const slotLeaves = (state: Tree, name: string, paths: readonly string[]): Tree =>
  Object.fromEntries(paths.map((path) => [path, slot(state, name, path)]));

/** Numbers of paths as numbers of elements. What it divides outlives the portions, up to `dispose`. */
class PerPath {
  readonly #scalars = new Map<Tensor, Tensor[]>();
  readonly #vectors = new Map<Tensor, Tensor[]>();

  constructor(private readonly paths: readonly string[]) {}

  /** Scalar. */
  ofPath(perPath: Tensor, path: string): Tensor {
    return this.#part(this.#scalars, perPath, path, () => tf.unstack(perPath));
  }

  /** [elements of the group]. Repeated leaf by leaf: a gather would look up every element. */
  ofGroup(perPath: Tensor, { paths, sizes }: LeafGroup): Tensor {
    const one = (path: string): Tensor => this.#part(this.#vectors, perPath, path, () => tf.split(perPath, this.paths.length));
    return tf.concat(paths.map((path, i) => tf.tile(one(path), [sizes[i]!])));
  }

  #part(known: Map<Tensor, Tensor[]>, perPath: Tensor, path: string, divide: () => Tensor[]): Tensor {
    const parts = known.get(perPath) ?? divide().map((part) => tf.keep(part));
    known.set(perPath, parts);
    return parts[this.paths.indexOf(path)]!;
  }

  dispose(): void {
    for (const known of [this.#scalars, this.#vectors]) for (const parts of known.values()) tf.dispose(parts);
  }
}
