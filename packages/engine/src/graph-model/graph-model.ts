import { loadGraphModelSync } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { EquimodalError, messageOf, type Bundle, type Program, type Tree } from '@equimodal/core';
import type { NativeBackend, NativeValues } from '../backend/native.js';
import type { GraphNode, PlaceholderNode } from '../capture/graph.js';
import { runEager } from '../compile/eager.js';
import { anyBatch } from './any-batch.js';
import { encodeGraphModel, type Fed, type GraphModelFiles } from './encode.js';
import { traced, type Traced } from './traced.js';

/** A program to be written as a model of its own. */
export interface GraphModelRequest {
  readonly program: Program;
  /** Trees of inputs that are the same in every call: the weights of the model. The caller keeps them. */
  readonly weights: Bundle;
  /** The tree of inputs of a batch of a size, by path; disposed here. It is called `batch`. */
  readonly batch: (size: number) => Tree;
  /** Names of the model's inputs, by path in the batch. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Names of the model's outputs, by `<tree>/<path>`. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Size of the batch, or null for any. */
  readonly size: number | null;
}

/** A written model, and how far its outputs were from the program's when it was run as a GraphModel. */
export interface GraphModel extends GraphModelFiles {
  /** -1 for any. */
  readonly batch: number;
  /** Largest absolute difference of any output. */
  readonly largestDifference: number;
}

/** Sizes of no axis that a model is likely to have; the check runs with another one. */
const SIZES = [37, 53] as const;
const CHECKED = 3;
/** Outputs are probabilities and features; more than rounding is a fault. */
const TOLERANCE = 1e-3;

/**
 * Writes a program as a TensorFlow.js GraphModel, the op graph of one run, and runs it as such beside the program. The native engine must be in use.
 *
 * @throws EQM_ENGINE_UNAVAILABLE on another engine; EQM_CONFIG_INCOMPATIBLE when the program holds the size of its batch and none is given, or uses
 *   what a GraphModel cannot hold, or the model that was written gives something else
 */
export function graphModel(request: GraphModelRequest): GraphModel {
  const { size } = request;
  const kept: Traced[] = [];
  const trace = (count: number): Traced => {
    const batch = request.batch(count);
    try {
      const made = traced(request.program, { ...request.weights, batch });
      kept.push(made);
      return made;
    } finally {
      tf.dispose(batch as Record<string, Tensor>);
    }
  };
  try {
    const first = trace(size ?? SIZES[0]);
    const wanted = Object.entries(request.outputs).map(([path, name]) => {
      const output = first.outputs.find((one) => one.name === path);
      if (output === undefined) throw new Error(`the program has no output ${path}`);
      return { name, source: output.source };
    });
    const outputs = size === null ? free(request, wanted, trace) : wanted;
    const files = encode(request, first, outputs);
    return { ...files, batch: size ?? -1, largestDifference: checked(request, files) };
  } finally {
    for (const { values } of kept) for (const tree of Object.values(values)) tf.dispose(tree as Record<string, Tensor>);
  }
}

type Outputs = Parameters<typeof encodeGraphModel>[1];

function free({ outputs }: GraphModelRequest, wanted: Outputs, trace: (size: number) => Traced): Outputs {
  const second = trace(SIZES[1]);
  const other = Object.keys(outputs).map((path) => second.outputs.find((one) => one.name === path)!.source);
  const found = anyBatch((tf.backend() as unknown as NativeBackend).binding, [wanted.map(({ source }) => source), other], SIZES);
  if ('held' in found) {
    throw new EquimodalError('EQM_CONFIG_INCOMPATIBLE', `the model cannot be written for batches of any size: ${found.held} holds it`, {
      fix: 'Give the size of the batches it will see.',
    });
  }
  return wanted.map(({ name }, i) => ({ name, source: found.fetches[i]! }));
}

function encode({ weights, inputs, size }: GraphModelRequest, { fed, outside }: Traced, outputs: Outputs): GraphModelFiles {
  const backend = tf.backend() as unknown as NativeBackend;
  const fedAs = (node: GraphNode): Fed => {
    const path = fed.get(node as PlaceholderNode);
    if (path === undefined) return { weight: node.name, values: outside.get(node as PlaceholderNode)! };
    const slash = path.indexOf('/');
    const [tree, leaf] = [path.slice(0, slash), path.slice(slash + 1)];
    if (tree === 'batch') return { input: inputs[leaf] ?? leaf };
    return { weight: path, values: backend.readSync(weights[tree]![leaf]!.dataId) as NativeValues };
  };
  try {
    return encodeGraphModel(backend.binding, outputs, fedAs, size ?? -1);
  } catch (error) {
    throw new EquimodalError('EQM_CONFIG_INCOMPATIBLE', `the model cannot be written as a graph: ${messageOf(error)}`, { cause: error });
  }
}

/** Runs what was written as any user would, beside the program, on a batch of a size it was not traced with. */
function checked({ program, weights, batch, inputs, outputs, size }: GraphModelRequest, files: GraphModelFiles): number {
  const data = batch(size ?? CHECKED);
  const expected = runEager(program, { ...weights, batch: data });
  const { weights: bytes } = files;
  try {
    const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    const model = loadGraphModelSync([files.json as never, buffer]);
    const used = new Set(model.inputs.map(({ name }) => name));
    const fed = Object.fromEntries(
      Object.entries(data).flatMap(([path, tensor]) => (used.has(inputs[path] ?? path) ? [[inputs[path] ?? path, tensor]] : [])),
    );
    const names = Object.values(outputs);
    const made = tf.tidy(() => {
      const found = model.execute(fed, names);
      return (Array.isArray(found) ? found : [found]).map((tensor) => tensor.dataSync());
    });
    model.dispose();
    const differences = Object.keys(outputs).map((path, i) => {
      const slash = path.indexOf('/');
      const values = expected[path.slice(0, slash)]![path.slice(slash + 1)]!.dataSync() as Float32Array;
      return values.reduce((most, value, at) => Math.max(most, Math.abs(value - made[i]![at]!)), 0);
    });
    const largest = Math.max(...differences);
    if (largest <= TOLERANCE) return largest;
    throw new Error(`its outputs are ${largest} from the model's`);
  } catch (error) {
    throw new EquimodalError('EQM_CONFIG_INCOMPATIBLE', `the graph that was written does not run as the model does: ${messageOf(error)}`, {
      cause: error,
    });
  } finally {
    for (const tree of [data, ...Object.values(expected)]) tf.dispose(tree as Record<string, Tensor>);
  }
}
