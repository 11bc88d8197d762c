import type { NativeBinding } from '../backend/native.js';
import { reachable, type ConstantNode, type GraphNode, type OpNode, type Source } from '../capture/graph.js';
import { BatchSize } from './batch-size.js';

/** One graph of two that were traced with batches of different sizes, its shapes free of either. */
export interface FreeGraph {
  readonly fetches: readonly Source[];
}

/**
 * Makes a graph that takes a batch of any size out of two that are the same but for the size of their batch. They may differ in whole numbers that an
 * op is given as a constant (a shape, a size, a limit), each a multiple of the batch: of a `Reshape` that axis is left open (-1), anywhere else the number is
 * computed from the shape of an input.
 *
 * @param sizes the two batch sizes, other than any size in the model
 * @returns the graph, or the op that holds a batch size
 */
export function anyBatch(
  binding: NativeBinding,
  fetches: readonly [readonly Source[], readonly Source[]],
  sizes: readonly [number, number],
): FreeGraph | { readonly held: string } {
  const [first, second] = fetches.map(reachable) as [GraphNode[], GraphNode[]];
  if (first.length !== second.length) return { held: 'the graph itself, which has other ops for other batches' };
  const places = fetches.map((_, i) => new Map((i === 0 ? first : second).map((node, at) => [node, at]))) as [
    Map<GraphNode, number>,
    Map<GraphNode, number>,
  ];
  const made = new Map<GraphNode, GraphNode>();
  const input = first.find((node) => node.kind === 'placeholder' && node.outputs[0]!.shape[0] === sizes[0]);
  const batch = input === undefined ? undefined : new BatchSize(binding, input);
  for (const [at, node] of first.entries()) {
    const other = second[at]!;
    const free = freed(node, other, { places, sizes, made, batch });
    if (free === undefined) return { held: nameOf(node) };
    made.set(node, free);
  }
  return { fetches: fetches[0].map(({ node, output }) => ({ node: made.get(node)!, output })) };
}

const nameOf = (node: GraphNode): string => (node.kind === 'op' ? `the op ${node.op}` : 'a constant');

interface Freeing {
  readonly places: readonly [Map<GraphNode, number>, Map<GraphNode, number>];
  readonly sizes: readonly [number, number];
  readonly made: ReadonlyMap<GraphNode, GraphNode>;
  readonly batch: BatchSize | undefined;
}

function freed(node: GraphNode, other: GraphNode, freeing: Freeing): GraphNode | undefined {
  const [mine, theirs] = freeing.places;
  if (node.kind !== other.kind) return undefined;
  // Constants are judged where they are used.
  if (node.kind !== 'op' || other.kind !== 'op') return node;
  const alike =
    node.op === other.op &&
    node.inputs.length === other.inputs.length &&
    JSON.stringify(node.attributes) === JSON.stringify(other.attributes) &&
    node.inputs.every((input, i) => input.output === other.inputs[i]!.output && mine.get(input.node) === theirs.get(other.inputs[i]!.node));
  if (!alike) return undefined;
  const inputs: Source[] = [];
  for (const [i, input] of node.inputs.entries()) {
    const theirInput = other.inputs[i]!;
    if (input.node.kind !== 'constant' || theirInput.node.kind !== 'constant' || same(input.node, theirInput.node)) {
      inputs.push({ node: freeing.made.get(input.node) ?? input.node, output: input.output });
      continue;
    }
    const open = opened(node, other, i, freeing);
    if (open === undefined) return undefined;
    inputs.push(open);
  }
  return { ...node, inputs };
}

function same(a: ConstantNode, b: ConstantNode): boolean {
  return (
    a.outputs[0]!.shape.join() === b.outputs[0]!.shape.join() &&
    a.outputs[0]!.dtype === b.outputs[0]!.dtype &&
    a.values.length === b.values.length &&
    (a.values as Float32Array).every((value, i) => Object.is(value, (b.values as Float32Array)[i]))
  );
}

/** A constant that differs, so that it holds for any batch; undefined where it does not differ as the batch does. */
function opened(node: OpNode, other: OpNode, at: number, { sizes, batch }: Freeing): Source | undefined {
  const [mine, theirs] = [node, other].map(({ inputs }) => inputs[at]!.node as ConstantNode) as [ConstantNode, ConstantNode];
  if (!(mine.values instanceof Int32Array) || !(theirs.values instanceof Int32Array) || mine.values.length !== theirs.values.length)
    return undefined;
  const name = `${mine.name}_of_${node.name}`;
  if (node.op === 'Reshape' && at === 1) {
    // Of the shape that came out, since what was asked for may have an open axis already.
    const [shape, otherShape] = [node.outputs[0]!.shape, other.outputs[0]!.shape];
    const axes = shape.flatMap((size, axis) => (size === otherShape[axis] ? [] : [axis]));
    if (shape.length === otherShape.length && axes.length === 1) {
      const values = Int32Array.from(shape, (size, axis) => (axis === axes[0] ? -1 : size));
      return { node: { ...mine, name, values, outputs: [{ ...mine.outputs[0]!, shape: [shape.length] }] }, output: 0 };
    }
  }
  const multiples = [...mine.values].map((value, i) => {
    const their = (theirs.values as Int32Array)[i]!;
    if (value === their) return null;
    return value % sizes[0] === 0 && value * sizes[1] === their * sizes[0] ? value / sizes[0] : undefined;
  });
  if (batch === undefined || multiples.includes(undefined)) return undefined;
  return batch.numbers(name, mine, multiples as (number | null)[]);
}
