import * as tf from '@tensorflow/tfjs-core';
import type { Bundle, Tree } from '@equimodal/core';
import { cloneTree, disposeTree } from '@equimodal/nn';
import { treePacking, type TreePacking } from '../step/packing.js';

/** What a step reads and replaces. */
export const LIVE_TREES = ['params', 'state', 'optimizer', 'memory'] as const;
export type LiveTree = (typeof LIVE_TREES)[number];

type LiveTrees = Readonly<Record<LiveTree, Tree>>;

/** Trees that steps may carry packed; what a method remembers may change its form. */
const PACKED = ['params', 'state', 'optimizer'] as const;
/** An optimizer works on one slot (momentum, ...) at a time. */
const KINDS = { params: {}, state: {}, optimizer: { kind: (path: string) => path.split('/')[0] } };

/**
 * The live trees of a run, with snapshots. Owns every tensor it holds. Trees are immutable, so a
 * snapshot is a reference. Steps may carry them packed; everybody else sees leaves, which are made
 * when somebody asks and kept until the next step.
 */
export class RunTrees {
  /** How steps take and give trees, by name of the tree. Empty: as they are. */
  readonly packings: Readonly<Record<string, TreePacking>>;
  /** One of the two is always there. */
  #leaves: LiveTrees | undefined;
  #carried: LiveTrees | undefined;
  readonly #snapshots = new Map<string, { params: Tree; state: Tree }>();

  constructor(live: LiveTrees, options: { readonly packed: boolean } = { packed: false }) {
    this.#leaves = live;
    this.packings = options.packed ? Object.fromEntries(PACKED.map((name) => [name, treePacking(live[name], KINDS[name])])) : {};
  }

  get params(): Tree {
    return this.live.params;
  }
  get state(): Tree {
    return this.live.state;
  }
  get live(): LiveTrees {
    this.#leaves ??= this.#convert(this.#carried!, 'unpack');
    return this.#leaves;
  }

  /** The trees as a step takes them. */
  get carried(): LiveTrees {
    if (Object.keys(this.packings).length === 0) return this.live;
    this.#carried ??= this.#convert(this.#leaves!, 'pack');
    return this.#carried;
  }

  #convert(trees: LiveTrees, how: 'pack' | 'unpack'): LiveTrees {
    // Kept, because whoever asks may do so inside a tidy scope.
    return tf.tidy(() => {
      const entries = LIVE_TREES.map((name) => [name, this.packings[name]?.[how](trees[name]) ?? cloneTree(trees[name])] as const);
      for (const [, tree] of entries) for (const leaf of Object.values(tree)) tf.keep(leaf);
      return Object.fromEntries(entries) as Record<LiveTree, Tree>;
    });
  }

  /** Tensors that are held now. */
  get tensors(): number {
    const held: Tree[] = [...this.#snapshots.values()].flatMap(({ params, state }) => [params, state]);
    for (const trees of [this.#leaves, this.#carried]) if (trees !== undefined) held.push(...LIVE_TREES.map((name) => trees[name]));
    return held.reduce((sum, tree) => sum + Object.keys(tree).length, 0);
  }

  /** Takes over the outputs of a step, in the form that `carried` has, and disposes what they replace. */
  advance(next: Bundle): void {
    const trees = { params: next['params']!, state: next['state']!, optimizer: next['optimizer']!, memory: next['memory']! };
    if (Object.keys(this.packings).length === 0) this.replace(trees);
    else this.#become(undefined, trees);
  }

  /** Takes over leaves in the place of the live ones. */
  replace(leaves: LiveTrees): void {
    this.#become(leaves, undefined);
  }

  #become(leaves: LiveTrees | undefined, carried: LiveTrees | undefined): void {
    for (const old of [this.#leaves, this.#carried]) if (old !== undefined) for (const tree of LIVE_TREES) disposeTree(old[tree]);
    this.#leaves = leaves;
    this.#carried = carried;
  }

  snapshot(name: string): void {
    this.drop(name);
    this.#snapshots.set(name, { params: cloneTree(this.params), state: cloneTree(this.state) });
  }

  hasSnapshot(name: string): boolean {
    return this.#snapshots.has(name);
  }

  getSnapshot(name: string): { readonly params: Tree; readonly state: Tree } | undefined {
    return this.#snapshots.get(name);
  }

  setSnapshot(name: string, trees: { params: Tree; state: Tree }): void {
    this.drop(name);
    this.#snapshots.set(name, trees);
  }

  /** Brings leaves of a snapshot back into the live trees. */
  restore(name: string, chosen: (path: string) => boolean = () => true): void {
    const saved = this.#snapshots.get(name);
    if (saved === undefined) throw new Error(`there is no snapshot "${name}"`);
    const bring = (live: Tree, from: Tree): Tree =>
      Object.fromEntries(Object.entries(live).map(([path, leaf]) => [path, tf.clone(chosen(path) ? (from[path] ?? leaf) : leaf)]));
    const { params, state, optimizer, memory } = this.live;
    this.replace({
      params: bring(params, saved.params),
      state: bring(state, saved.state),
      optimizer: cloneTree(optimizer),
      memory: cloneTree(memory),
    });
  }

  drop(name: string): void {
    const saved = this.#snapshots.get(name);
    if (saved === undefined) return;
    disposeTree(saved.params);
    disposeTree(saved.state);
    this.#snapshots.delete(name);
  }

  /** Snapshots made by methods, for checkpoints. */
  snapshotBundle(prefix: string): Bundle {
    const out: Record<string, Tree> = {};
    for (const [name, { params, state }] of this.#snapshots) {
      if (!name.startsWith(prefix)) continue;
      out[`snapshot:${name}:params`] = params;
      out[`snapshot:${name}:state`] = state;
    }
    return out;
  }

  dispose(): void {
    this.#become(undefined, undefined);
    for (const name of [...this.#snapshots.keys()]) this.drop(name);
  }
}
