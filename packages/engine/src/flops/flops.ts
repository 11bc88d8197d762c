import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Bundle, Program } from '@equimodal/core';
import { isNative } from '../backend/native.js';
import { reachable } from '../capture/graph.js';
import { runEager } from '../compile/eager.js';
import { traced } from '../graph-model/traced.js';

type Shape = readonly number[];
const size = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

/**
 * Floating-point operations of one op by its shapes: two for each product of a convolution or a matrix product and the sum it goes into, none for
 * anything else, as is usual where networks are compared.
 *
 * @param op name of a kernel of TensorFlow.js or an op of TensorFlow
 * @param inputs the shapes of what it was given
 * @param output the shape of its first output
 */
export function opFlops(op: string, inputs: readonly Shape[], output: Shape): number {
  const [first = [], second = []] = inputs;
  if (/^_?(Fused)?DepthwiseConv2d/i.test(op)) return 2 * size(output) * (second[0] ?? 0) * (second[1] ?? 0);
  // A kernel is [...window, inputs, outputs].
  if (/^_?(Fused)?Conv[23]D$/.test(op)) return 2 * size(output) * size(second.slice(0, -1));
  if (/MatMul/.test(op)) {
    const rows = output.at(-2) ?? 1;
    return (2 * size(output) * size(first.slice(-2))) / rows;
  }
  return 0;
}

/**
 * Floating-point operations of one run of a program (`opFlops` of every op that led to its outputs on the native engine, of every kernel that
 * ran on others). The inputs stay the caller's.
 */
export async function programFlops(program: Program, inputs: Bundle): Promise<number> {
  if (isNative()) {
    const { outputs, values } = traced(program, inputs);
    for (const tree of Object.values(values)) tf.dispose(tree as Record<string, Tensor>);
    return reachable(outputs.map(({ source }) => source)).reduce((sum, node) => {
      if (node.kind !== 'op') return sum;
      const given = node.inputs.map((input) => input.node.outputs[input.output]?.shape ?? []);
      return sum + opFlops(node.op, given, node.outputs[0]?.shape ?? []);
    }, 0);
  }
  const { kernels, result } = await tf.profile(() => {
    const values = runEager(program, inputs);
    for (const tree of Object.values(values)) tf.dispose(tree as Record<string, Tensor>);
    return tf.scalar(0);
  });
  tf.dispose(result);
  return kernels.reduce(
    (sum, { name, inputShapes, outputShapes }) => sum + opFlops(name, inputShapes as Shape[], outputShapes[0] ?? []),
    0,
  );
}
