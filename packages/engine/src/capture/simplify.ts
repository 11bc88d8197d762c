import type { NativeValues } from '../backend/native.js';
import { reachable, type GraphNode, type OpNode, type Source } from './graph.js';

/**
 * Removes nodes that change nothing. TensorFlow's own optimizer runs after us; this takes only what it leaves:
 *
 * - `Identity`, and `Reshape` to the shape that is there already; of two reshapes in a row the first;
 * - a product with ones that does not broadcast;
 * - `ConcatV2` of exactly the parts of one `SplitV`, along the same axis: the tensor before the split.
 */
export function simplify(fetches: readonly Source[]): Source[] {
  const replaced = new Map<GraphNode, readonly Source[]>();
  const now = ({ node, output }: Source): Source => replaced.get(node)?.[output] ?? { node, output };
  for (const node of reachable(fetches)) {
    if (node.kind !== 'op') continue;
    const inputs = node.inputs.map(now);
    const same = shortcut(node, inputs);
    if (same !== undefined) {
      replaced.set(node, [same]);
    } else if (inputs.some((input, i) => input.node !== node.inputs[i]!.node)) {
      const mended: OpNode = { ...node, inputs };
      replaced.set(
        node,
        node.outputs.map((_, output) => ({ node: mended, output })),
      );
    }
  }
  return fetches.map(now);
}

const shapeOf = ({ node, output }: Source): readonly number[] => node.outputs[output]!.shape;
const sameShape = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((n, i) => n === b[i]);

/** What a node's only output is equal to, if that is there already. */
function shortcut(node: OpNode, inputs: readonly Source[]): Source | undefined {
  const shape = node.outputs[0]?.shape ?? [];
  const [first, second] = inputs;
  switch (node.op) {
    case 'Identity':
      return first;
    case 'Reshape': {
      let source = first!;
      while (source.node.kind === 'op' && source.node.op === 'Reshape') source = source.node.inputs[0]!;
      return sameShape(shapeOf(source), shape) ? source : undefined;
    }
    case 'Mul':
      if (isOnes(second!) && sameShape(shapeOf(first!), shape)) return first;
      if (isOnes(first!) && sameShape(shapeOf(second!), shape)) return second;
      return undefined;
    case 'ConcatV2':
      return joined(inputs);
    default:
      return undefined;
  }
}

function isOnes({ node }: Source): boolean {
  return node.kind === 'constant' && node.values instanceof Float32Array && node.values.every((value) => value === 1);
}

/** The tensor whose parts, all of them and in order, are concatenated. */
function joined(inputs: readonly Source[]): Source | undefined {
  const parts = inputs.slice(0, -1);
  const split = parts[0]?.node;
  if (split?.kind !== 'op' || split.op !== 'SplitV' || split.outputs.length !== parts.length) return undefined;
  if (parts.some((part, i) => part.node !== split || part.output !== i)) return undefined;
  const [whole, , splitAxis] = split.inputs;
  return axisOf(splitAxis!) !== undefined && axisOf(splitAxis!) === axisOf(inputs.at(-1)!) ? whole : undefined;
}

function axisOf({ node }: Source): number | undefined {
  if (node.kind !== 'constant') return undefined;
  const values: NativeValues = node.values;
  return values instanceof Int32Array && values.length === 1 ? values[0] : undefined;
}
