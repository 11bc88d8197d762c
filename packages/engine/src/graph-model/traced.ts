import * as tf from '@tensorflow/tfjs-core';
import { EquimodalError, type Bundle, type Program } from '@equimodal/core';
import { isNative, type NativeBackend, type NativeValues } from '../backend/native.js';
import type { PlaceholderNode, Source } from '../capture/graph.js';
import { Recorder } from '../capture/recorder.js';
import { simplify } from '../capture/simplify.js';
import { runEager } from '../compile/eager.js';

/** What one run of a program was, op by op. */
export interface Traced {
  /** The leaf of the inputs that a placeholder stands for, as `<tree>/<path>`. */
  readonly fed: ReadonlyMap<PlaceholderNode, string>;
  /** Values of tensors from outside the program that it used. */
  readonly outside: ReadonlyMap<PlaceholderNode, NativeValues>;
  /** The outputs, as `<tree>/<path>`. */
  readonly outputs: readonly { readonly name: string; readonly source: Source }[];
  /** What the run gave. The caller disposes it. */
  readonly values: Bundle;
}

/**
 * Runs a program on the native engine and writes its ops down.
 *
 * @param inputs tensors with memory of their own each
 * @throws EQM_ENGINE_UNAVAILABLE on another engine
 */
export function traced(program: Program, inputs: Bundle): Traced {
  if (!isNative()) {
    throw new EquimodalError('EQM_ENGINE_UNAVAILABLE', 'a graph can only be written by the native engine', { fix: 'Use --engine native.' });
  }
  const backend = tf.backend() as unknown as NativeBackend;
  const recorder = new Recorder(backend);
  const fed = new Map<PlaceholderNode, string>();
  for (const [tree, leaves] of Object.entries(inputs)) {
    for (const [path, tensor] of Object.entries(leaves)) {
      if (!backend.tensorMap.has(tensor.dataId)) tf.engine().moveData(tf.engine().backend, tensor.dataId);
      fed.set(recorder.feed(tensor), `${tree}/${path}`);
    }
  }
  const values = recorder.record(() => runEager(program, inputs));
  const named = Object.entries(values).flatMap(([tree, leaves]) =>
    Object.entries(leaves).map(([path, tensor]) => ({ name: `${tree}/${path}`, source: recorder.sourceOf(tensor) })),
  );
  recorder.assertComplete();
  const sources = simplify(named.map(({ source }) => source));
  const outside = recorder.outsiders.map(({ dataId, placeholder }) => [placeholder, backend.readSync(dataId) as NativeValues] as const);
  return { fed, outside: new Map(outside), outputs: named.map(({ name }, i) => ({ name, source: sources[i]! })), values };
}
