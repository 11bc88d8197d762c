import { expect, it } from 'vitest';
import type { ConstantNode, GraphNode, OpNode, PlaceholderNode, Source } from './graph.js';
import { reachable } from './graph.js';
import { simplify } from './simplify.js';

const FLOAT = 1;
const INT = 3;
let names = 0;
const type = (shape: readonly number[], dtype = FLOAT) => ({ shape, dtype });
const first = (node: GraphNode): Source => ({ node, output: 0 });
const placeholder = (shape: readonly number[]): PlaceholderNode => ({ kind: 'placeholder', name: `in${names++}`, outputs: [type(shape)] });
const constant = (shape: readonly number[], values: Float32Array | Int32Array): ConstantNode => ({
  kind: 'constant',
  name: `const${names++}`,
  outputs: [type(shape, values instanceof Int32Array ? INT : FLOAT)],
  values,
});
const op = (name: string, inputs: readonly Source[], ...shapes: readonly number[][]): OpNode => ({
  kind: 'op',
  name: `${name}${names++}`,
  op: name,
  attributes: [],
  inputs,
  outputs: shapes.map((shape) => type(shape)),
});
const axis = (value: number): Source => first(constant([], Int32Array.of(value)));
const split = (whole: Source, sizes: readonly number[], along = 0): OpNode =>
  op('SplitV', [whole, first(constant([sizes.length], Int32Array.from(sizes))), axis(along)], ...sizes.map((size) => [size]));

it('takes identities and reshapes to the same shape away', () => {
  const x = placeholder([2, 3]);
  const flat = op('Reshape', [first(op('Identity', [first(x)], [2, 3])), axis(0)], [6]);
  const back = op('Reshape', [first(flat), axis(0)], [2, 3]);
  expect(simplify([first(back)])).toEqual([first(x)]);
});

it('keeps a reshape that changes the shape, on what was before the one in front of it', () => {
  const x = placeholder([2, 3]);
  const flat = op('Reshape', [first(x), axis(0)], [6]);
  expect(simplify([first(flat)])).toEqual([first(flat)]);
});

it('takes a product with ones away unless it broadcasts', () => {
  const x = placeholder([3]);
  const ones = (shape: readonly number[]): Source => first(constant(shape, new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1)));
  expect(simplify([first(op('Mul', [first(x), ones([3])], [3]))])).toEqual([first(x)]);
  expect(simplify([first(op('Mul', [ones([]), first(x)], [3]))])).toEqual([first(x)]);
  const broadcast = op('Mul', [first(x), ones([2, 3])], [2, 3]);
  expect(simplify([first(broadcast)])).toEqual([first(broadcast)]);
});

it('joins the parts of a split to what they were, through reshapes', () => {
  const x = placeholder([7]);
  const parts = split(first(x), [3, 4]);
  const leaf = op('Reshape', [{ node: parts, output: 1 }, axis(0)], [2, 2]);
  const flat = op('Reshape', [first(leaf), axis(0)], [4]);
  const joined = op('ConcatV2', [{ node: parts, output: 0 }, first(flat), axis(0)], [7]);
  const sum = op('Add', [first(joined), first(x)], [7]);
  const [result] = simplify([first(sum)]);
  expect(result!.node.kind === 'op' && result!.node.inputs.map(({ node }) => node)).toEqual([x, x]);
  expect(reachable([result!]).map(({ name }) => name)).toEqual([x.name, sum.name]);
});

it.each([
  ['in another order', [1, 0], 0],
  ['not all of them', [0], 0],
  ['along another axis', [0, 1], 1],
])('keeps a concatenation of parts %s', (_name, order, along) => {
  const parts = split(first(placeholder([7])), [3, 4]);
  const joined = op('ConcatV2', [...order.map((output) => ({ node: parts, output })), axis(along)], [7]);
  expect(simplify([first(joined)])).toEqual([first(joined)]);
});

it('leaves the nodes it was given as they are', () => {
  const x = placeholder([2]);
  const copy = op('Identity', [first(x)], [2]);
  const neg = op('Neg', [first(copy)], [2]);
  const [result] = simplify([first(neg)]);
  expect(neg.inputs[0]!.node).toBe(copy);
  expect(result!.node.kind === 'op' && result!.node.inputs[0]!.node).toBe(x);
});
