import * as tf from '@tensorflow/tfjs-core';
import type { Bundle, Tree } from '@equimodal/core';
import { cloneTree, disposeTree, type Optimizer } from '@equimodal/nn';
import { treePacking, type TreePacking } from '../step/packing.js';

/** What a step reads and replaces. */
export const LIVE_TREES = ['params', 'state', 'optimizer', 'memory'] as const;
export type LiveTree = (typeof LIVE_TREES)[number];

/** What a snapshot holds. Methods' snapshots have the optimizer's state too, so that training can go on from them. */
export interface Snapshot {
  readonly params: Tree;
  readonly state: Tree;
  readonly optimizer?: Tree | undefined;
}

type LiveTrees = Readonly<Record<LiveTree, Tree>>;

/** Trees that steps may carry packed; what a method remembers may change its form. */
const PACKED = ['params', 'state', 'optimizer'] as const;
/** A checkpoint names trees without slashes. */
const SNAPSHOT = 'snapshot:';
/** The parameter that a leaf `<slot>/<path>` of an optimizer's state belongs to. */
const slotPath = (leaf: string): string => leaf.slice(leaf.indexOf('/') + 1);
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
  readonly #snapshots = new Map<string, Snapshot>();
  /** Snapshots in the form in which steps take trees, made when somebody asks. */
  readonly #packedSnapshots = new Map<string, { params: Tree; state: Tree }>();

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
    const held: Tree[] = [...this.#snapshots.values(), ...this.#packedSnapshots.values()].flatMap((held) =>
      Object.values(held as Record<string, Tree>),
    );
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

  /** @param options.optimizer whether the optimizer's state is part of it. Default false. */
  snapshot(name: string, { optimizer = false }: { readonly optimizer?: boolean } = {}): void {
    const { live } = this;
    this.setSnapshot(name, {
      params: cloneTree(live.params),
      state: cloneTree(live.state),
      ...(optimizer ? { optimizer: cloneTree(live.optimizer) } : {}),
    });
  }

  hasSnapshot(name: string): boolean {
    return this.#snapshots.has(name);
  }

  getSnapshot(name: string): Snapshot | undefined {
    return this.#snapshots.get(name);
  }

  /** A snapshot as a step takes trees. It stays this object's. */
  carriedSnapshot(name: string): { readonly params: Tree; readonly state: Tree } {
    const saved = this.#required(name);
    if (Object.keys(this.packings).length === 0) return saved;
    let packed = this.#packedSnapshots.get(name);
    if (packed === undefined) {
      const pack = (part: 'params' | 'state'): Tree =>
        tf.tidy(() => {
          const tree = this.packings[part]!.pack(saved[part]);
          for (const leaf of Object.values(tree)) tf.keep(leaf);
          return tree as Record<string, tf.Tensor>;
        });
      packed = { params: pack('params'), state: pack('state') };
      this.#packedSnapshots.set(name, packed);
    }
    return packed;
  }

  #required(name: string): Snapshot {
    const saved = this.#snapshots.get(name);
    if (saved === undefined) throw new Error(`there is no snapshot "${name}"`);
    return saved;
  }

  setSnapshot(name: string, trees: Snapshot): void {
    this.drop(name);
    this.#snapshots.set(name, trees);
  }

  /**
   * Brings leaves of a snapshot back into the live trees.
   *
   * @param weight 1: they replace what is live. Less: parameters become weight * snapshot + (1 - weight) * live, and nothing else changes.
   */
  restore(
    name: string,
    { paths = () => true, weight = 1 }: { readonly paths?: (path: string) => boolean; readonly weight?: number } = {},
  ): void {
    const saved = this.#required(name);
    const { params, state, optimizer, memory } = this.live;
    const mixed = (from: tf.Tensor, live: tf.Tensor): tf.Tensor =>
      weight === 1 ? tf.clone(from) : tf.tidy(() => tf.add(tf.mul(from, weight), tf.mul(live, 1 - weight)));
    const bring = (live: Tree, from: Tree, pathOf: (leaf: string) => string): Tree =>
      Object.fromEntries(
        Object.entries(live).map(([leaf, tensor]) => {
          const old = from[leaf];
          return [leaf, old !== undefined && paths(pathOf(leaf)) ? mixed(old, tensor) : tf.clone(tensor)];
        }),
      );
    const whole = weight === 1;
    this.replace({
      params: bring(params, saved.params, (leaf) => leaf),
      state: whole ? bring(state, saved.state, (leaf) => leaf) : cloneTree(state),
      optimizer: whole ? bring(optimizer, saved.optimizer ?? {}, slotPath) : cloneTree(optimizer),
      memory: cloneTree(memory),
    });
  }

  /** Puts leaves of the optimizer's state back to where they start. */
  resetOptimizer(optimizer: Optimizer, paths: (path: string) => boolean = () => true): void {
    const { params, state, optimizer: old, memory } = this.live;
    const fresh = optimizer.init(params);
    const kept = Object.fromEntries(
      Object.entries(old).map(([leaf, tensor]) => [leaf, tf.clone(paths(slotPath(leaf)) ? (fresh[leaf] ?? tensor) : tensor)]),
    );
    disposeTree(fresh);
    this.replace({ params: cloneTree(params), state: cloneTree(state), optimizer: kept, memory: cloneTree(memory) });
  }

  /** Replaces one leaf of what methods remember. @throws Error when it is unknown or of another size. */
  setMemory(name: string, values: Float32Array): void {
    const { params, state, optimizer, memory } = this.live;
    const old = memory[name];
    if (old === undefined) throw new Error(`nothing is remembered as "${name}"`);
    if (old.size !== values.length) throw new Error(`"${name}" holds ${old.size} numbers, got ${values.length}`);
    const next = { ...cloneTree(memory) };
    next[name]!.dispose();
    next[name] = tf.tensor(values, old.shape, 'float32');
    this.replace({ params: cloneTree(params), state: cloneTree(state), optimizer: cloneTree(optimizer), memory: next });
  }

  drop(name: string): void {
    for (const snapshots of [this.#snapshots, this.#packedSnapshots]) {
      for (const tree of Object.values((snapshots.get(name) ?? {}) as Record<string, Tree>)) disposeTree(tree);
      snapshots.delete(name);
    }
  }

  /** Snapshots made by methods, for checkpoints: trees `snapshot:<name>:<part>`. */
  snapshotBundle(prefix: string): Bundle {
    const out: Record<string, Tree> = {};
    for (const [name, { params, state, optimizer }] of this.#snapshots) {
      if (!name.startsWith(prefix)) continue;
      const as = `${SNAPSHOT}${encodeURIComponent(name)}:`;
      Object.assign(out, { [`${as}params`]: params, [`${as}state`]: state });
      if (optimizer !== undefined) out[`${as}optimizer`] = optimizer;
    }
    return out;
  }

  /** Takes up the snapshots of a checkpoint. */
  restoreSnapshots(bundle: Bundle): void {
    for (const [tree, params] of Object.entries(bundle)) {
      if (!tree.startsWith(SNAPSHOT) || !tree.endsWith(':params')) continue;
      const as = tree.slice(0, -'params'.length);
      const name = decodeURIComponent(as.slice(SNAPSHOT.length, -1));
      this.setSnapshot(name, { params, state: bundle[`${as}state`] ?? {}, optimizer: bundle[`${as}optimizer`] });
    }
  }

  dispose(): void {
    this.#become(undefined, undefined);
    for (const name of [...this.#snapshots.keys()]) this.drop(name);
  }
}
