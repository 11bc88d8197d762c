import * as tf from '@tensorflow/tfjs-core';
import type { Bundle, Tree } from '@equimodal/core';
import { cloneTree, disposeTree } from '@equimodal/nn';

/** What a step reads and replaces. */
export const LIVE_TREES = ['params', 'state', 'optimizer', 'memory'] as const;
export type LiveTree = (typeof LIVE_TREES)[number];

/** The live trees of a run, with snapshots. Owns every tensor it holds. Trees are immutable, so a snapshot is a reference. */
export class RunTrees {
  #live: Record<LiveTree, Tree>;
  readonly #snapshots = new Map<string, { params: Tree; state: Tree }>();

  constructor(live: Record<LiveTree, Tree>) {
    this.#live = live;
  }

  get params(): Tree {
    return this.#live.params;
  }
  get state(): Tree {
    return this.#live.state;
  }
  get live(): Readonly<Record<LiveTree, Tree>> {
    return this.#live;
  }

  /** Takes over the outputs of a step and disposes what they replace. */
  advance(next: Bundle): void {
    const old = this.#live;
    this.#live = { params: next['params']!, state: next['state']!, optimizer: next['optimizer']!, memory: next['memory']! };
    for (const tree of LIVE_TREES) disposeTree(old[tree]);
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
      Object.fromEntries(
        Object.entries(live).map(([path, leaf]) => {
          const old = from[path];
          if (old === undefined || !chosen(path)) return [path, leaf];
          leaf.dispose();
          return [path, tf.clone(old)];
        }),
      );
    this.#live = { ...this.#live, params: bring(this.params, saved.params), state: bring(this.state, saved.state) };
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
    for (const tree of LIVE_TREES) disposeTree(this.#live[tree]);
    for (const name of [...this.#snapshots.keys()]) this.drop(name);
  }
}
