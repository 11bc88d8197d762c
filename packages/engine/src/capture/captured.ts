import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { messageOf, type Bundle, type Program } from '@equimodal/core';
import type { NativeBackend } from '../backend/native.js';
import { runEager } from '../compile/eager.js';
import { reachable, type OpNode, type PlaceholderNode, type Source } from './graph.js';
import { Recorder, type Outsider } from './recorder.js';
import { openSession, type Session } from './session.js';
import { simplify } from './simplify.js';

/** Where one output of a program comes from. */
type Origin = { readonly fetch: number } | { readonly input: number };

interface Output {
  readonly tree: string;
  readonly path: string;
  readonly from: Origin;
}

/** What one run under the recorder gave: always the outputs, and a graph or the reason why there is none. */
export type Capture = { readonly eager: Bundle } & ({ readonly captured: CapturedProgram } | { readonly failure: string });

/** A program as a TensorFlow graph, for inputs of one signature. */
export class CapturedProgram {
  private constructor(
    private readonly backend: NativeBackend,
    private readonly session: Session,
    /** Which inputs the graph needs. */
    private readonly feeds: readonly number[],
    private readonly outsiders: readonly Outsider[],
    private readonly trees: readonly string[],
    private readonly outputs: readonly Output[],
  ) {}

  /**
   * Runs a program once, eagerly, and makes a graph of what it did. The caller owns both.
   *
   * @param tensors the inputs as a list, in the order of their trees.
   * @throws what the program throws.
   */
  static capture(backend: NativeBackend, program: Program, inputs: Bundle, tensors: readonly Tensor[]): Capture {
    const recorder = new Recorder(backend);
    const own = distinct(backend, tensors);
    try {
      const placeholders = own.map((tensor) => recorder.feed(tensor));
      const eager = recorder.record(() => runEager(program, rebuild(inputs, own)));
      try {
        return { eager, captured: CapturedProgram.#load(backend, recorder, placeholders, eager) };
      } catch (error) {
        return { eager, failure: messageOf(error) };
      }
    } finally {
      for (const [i, tensor] of own.entries()) if (tensor !== tensors[i]) tensor.dispose();
    }
  }

  static #load(backend: NativeBackend, recorder: Recorder, placeholders: readonly PlaceholderNode[], eager: Bundle): CapturedProgram {
    const wanted = Object.entries(eager).flatMap(([tree, leaves]) =>
      Object.entries(leaves).map(([path, tensor]) => ({ tree, path, source: recorder.sourceOf(tensor) })),
    );
    recorder.assertComplete();
    const sources = simplify(wanted.map(({ source }) => source));
    const fetches = new Fetches(backend, placeholders);
    const outputs = wanted.map(({ tree, path }, i) => ({ tree, path, from: fetches.origin(sources[i]!) }));
    const used = new Set(reachable(fetches.list));
    const feeds = placeholders.flatMap((node, i) => (used.has(node) ? [i] : []));
    const outsiders = recorder.outsiders.filter(({ placeholder }) => used.has(placeholder));
    const session = openSession(backend, [...feeds.map((i) => placeholders[i]!), ...outsiders.map((o) => o.placeholder)], fetches.list);
    return new CapturedProgram(backend, session, feeds, outsiders, Object.keys(eager), outputs);
  }

  /** Whether every tensor from outside that the program used is still there. */
  get alive(): boolean {
    return this.outsiders.every(({ dataId }) => this.backend.tensorMap.has(dataId));
  }

  /** The outputs for other inputs of the same signature; the caller owns them. */
  run(tensors: readonly Tensor[]): Bundle {
    const fetched = this.session.run([...this.feeds.map((i) => tensors[i]!), ...this.outsiders]);
    const bundle: Record<string, Record<string, Tensor>> = {};
    for (const name of this.trees) bundle[name] = {};
    const given = new Set<number>();
    for (const { tree, path, from } of this.outputs) {
      if ('input' in from) {
        bundle[tree]![path] = tf.clone(tensors[from.input]!);
      } else {
        const tensor = fetched[from.fetch]!;
        bundle[tree]![path] = given.has(from.fetch) ? tf.clone(tensor) : tensor;
        given.add(from.fetch);
      }
    }
    return bundle;
  }

  dispose(): void {
    this.session.dispose();
  }
}

/** The outputs of a graph without doubles; inputs that are handed through are not fetched. */
class Fetches {
  readonly list: Source[] = [];
  readonly #inputs: Map<object, number>;

  constructor(
    private readonly backend: NativeBackend,
    placeholders: readonly PlaceholderNode[],
  ) {
    this.#inputs = new Map(placeholders.map((node, i) => [node, i]));
  }

  origin(source: Source): Origin {
    const input = this.#inputs.get(source.node);
    if (input !== undefined) return { input };
    const known = this.list.findIndex(({ node, output }) => node === source.node && output === source.output);
    if (known >= 0) return { fetch: known };
    // A tensor from outside cannot be fed and fetched at once.
    return { fetch: this.list.push(source.node.kind === 'placeholder' ? { node: this.#copy(source), output: 0 } : source) - 1 };
  }

  #copy(source: Source): OpNode {
    const { binding } = this.backend;
    const type = source.node.outputs[0]!;
    return {
      kind: 'op',
      name: `copy_of_${source.node.name}`,
      op: 'Identity',
      attributes: [{ name: 'T', type: binding.TF_ATTR_TYPE, value: type.dtype }],
      inputs: [source],
      outputs: [type],
    };
  }
}

/** The tensors with memory of their own each, uploaded; those that share memory with one before them become copies. */
function distinct(backend: NativeBackend, tensors: readonly Tensor[]): Tensor[] {
  const engine = tf.engine();
  const seen = new Set<object>();
  return tensors.map((tensor) => {
    if (!backend.tensorMap.has(tensor.dataId)) engine.moveData(engine.backend, tensor.dataId);
    if (!seen.has(tensor.dataId)) {
      seen.add(tensor.dataId);
      return tensor;
    }
    const { binding } = backend;
    const [id] = backend.getInputTensorIds([tensor]);
    const type = backend.tensorMap.get(tensor.dataId).dtype;
    const [made] = binding.executeOp('Identity', [{ name: 'T', type: binding.TF_ATTR_TYPE, value: type }], [id!], 1);
    return backend.createOutputTensor(made!);
  });
}

/** The same trees with other tensors, given in order. */
function rebuild(bundle: Bundle, tensors: readonly Tensor[]): Bundle {
  let at = 0;
  return Object.fromEntries(
    Object.entries(bundle).map(([name, tree]) => [name, Object.fromEntries(Object.keys(tree).map((path) => [path, tensors[at++]!]))]),
  );
}
