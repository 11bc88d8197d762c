import type { NativeValues, OpAttribute } from '../backend/native.js';

/** One output of a node. */
export interface Source {
  readonly node: GraphNode;
  readonly output: number;
}

/** Shape and TF_DataType of one output. */
export interface OutputType {
  readonly shape: readonly number[];
  readonly dtype: number;
}

interface NodeBase {
  /** Unique within a graph. */
  readonly name: string;
  readonly outputs: readonly OutputType[];
}

/** Fed at every replay. */
export interface PlaceholderNode extends NodeBase {
  readonly kind: 'placeholder';
}

/** Made in JavaScript while the program ran; the same at every replay. */
export interface ConstantNode extends NodeBase {
  readonly kind: 'constant';
  readonly values: NativeValues;
}

/** A TensorFlow op. */
export interface OpNode extends NodeBase {
  readonly kind: 'op';
  readonly op: string;
  readonly attributes: readonly OpAttribute[];
  readonly inputs: readonly Source[];
}

export type GraphNode = PlaceholderNode | ConstantNode | OpNode;

/** Everything that the fetched outputs need, each node after its inputs. */
export function reachable(fetches: readonly Source[]): GraphNode[] {
  const order: GraphNode[] = [];
  const seen = new Set<GraphNode>();
  const open: { readonly node: GraphNode; readonly ready: boolean }[] = fetches.map(({ node }) => ({ node, ready: false })).reverse();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, ready } = next;
    if (ready) {
      order.push(node);
    } else if (!seen.has(node)) {
      seen.add(node);
      open.push({ node, ready: true });
      if (node.kind === 'op') for (const input of node.inputs) open.push({ node: input.node, ready: false });
    }
  }
  return order;
}
