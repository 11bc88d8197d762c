import type { NativeBinding, NativeValues, OpAttribute } from '../backend/native.js';
import { reachable, type GraphNode, type OutputType, type Source } from '../capture/graph.js';

/** Files of a TensorFlow.js GraphModel: what `tf.loadGraphModel` reads. */
export interface GraphModelFiles {
  /** Content of `model.json`; its weights are in `weights.bin`. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly weights: Uint8Array;
}

/** What becomes of a placeholder: an input of the model, or a weight. */
export type Fed = { readonly input: string } | { readonly weight: string; readonly values: NativeValues };

const PRODUCER = 1395;
const TYPES: Readonly<Record<number, { readonly name: string; readonly dtype: string }>> = {
  1: { name: 'DT_FLOAT', dtype: 'float32' },
  3: { name: 'DT_INT32', dtype: 'int32' },
  10: { name: 'DT_BOOL', dtype: 'bool' },
};

/**
 * A graph as a TensorFlow.js GraphModel.
 *
 * @param batch size of the first axis of inputs and outputs, -1 for any
 * @throws Error naming what cannot be written: a type, an attribute
 */
export function encodeGraphModel(
  binding: NativeBinding,
  outputs: readonly { readonly name: string; readonly source: Source }[],
  fedAs: (node: GraphNode) => Fed,
  batch: number,
): GraphModelFiles {
  const nodes: object[] = [];
  const weights: { readonly name: string; readonly type: OutputType; readonly values: NativeValues }[] = [];
  const names = new Map<GraphNode, string>();
  const inputs: Record<string, object> = {};
  const constant = (name: string, type: OutputType, values: NativeValues): void => {
    nodes.push({ name, op: 'Const', attr: { dtype: { type: typeOf(type).name } } });
    weights.push({ name, type, values });
  };
  for (const node of reachable(outputs.map(({ source }) => source))) {
    const type = node.outputs[0]!;
    if (node.kind === 'op') {
      names.set(node, node.name);
      nodes.push({
        name: node.name,
        op: node.op,
        input: node.inputs.map((input) => reference(input, names)),
        attr: Object.fromEntries(node.attributes.map((attribute) => [attribute.name, attributeOf(binding, node.op, attribute)])),
      });
      continue;
    }
    const fed = node.kind === 'constant' ? { weight: node.name, values: node.values } : fedAs(node);
    if ('weight' in fed) {
      names.set(node, fed.weight);
      constant(fed.weight, type, fed.values);
      continue;
    }
    names.set(node, fed.input);
    const shape = dimensions([batch, ...type.shape.slice(1)]);
    nodes.push({ name: fed.input, op: 'Placeholder', attr: { dtype: { type: typeOf(type).name }, shape: { shape } } });
    inputs[fed.input] = { name: `${fed.input}:0`, dtype: typeOf(type).name, tensorShape: shape };
  }
  const signature = outputs.map(({ name, source }) => {
    const type = source.node.outputs[source.output]!;
    nodes.push({ name, op: 'Identity', input: [reference(source, names)], attr: { T: { type: typeOf(type).name } } });
    return [name, { name: `${name}:0`, dtype: typeOf(type).name, tensorShape: dimensions([batch, ...type.shape.slice(1)]) }] as const;
  });
  const json = {
    format: 'graph-model',
    generatedBy: 'equimodal',
    convertedBy: null,
    signature: { inputs, outputs: Object.fromEntries(signature) },
    modelTopology: { node: nodes, versions: { producer: PRODUCER } },
    weightsManifest: [
      {
        paths: ['weights.bin'],
        weights: weights.map(({ name, type }) => ({ name, shape: type.shape, dtype: typeOf(type).dtype })),
      },
    ],
  };
  return { json, weights: Buffer.concat(weights.map(({ values }) => bytes(values))) };
}

function bytes(values: NativeValues): Uint8Array {
  if (!ArrayBuffer.isView(values)) throw new Error('a constant of strings cannot be written');
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function typeOf({ dtype }: OutputType): { readonly name: string; readonly dtype: string } {
  const type = TYPES[dtype];
  if (type === undefined) throw new Error(`a tensor of type ${dtype} cannot be written`);
  return type;
}

const dimensions = (shape: readonly number[]): object => ({ dim: shape.map((size) => ({ size: String(size) })) });

function reference({ node, output }: Source, names: ReadonlyMap<GraphNode, string>): string {
  const name = names.get(node)!;
  return output === 0 ? name : `${name}:${output}`;
}

function attributeOf(binding: NativeBinding, op: string, { name, type, value }: OpAttribute): object {
  const list = Array.isArray(value) ? (value as readonly (number | boolean)[]) : null;
  switch (type) {
    case binding.TF_ATTR_STRING:
      return { s: Buffer.from(value as string).toString('base64') };
    case binding.TF_ATTR_INT:
      return list === null ? { i: String(value) } : { list: { i: list.map(String) } };
    case binding.TF_ATTR_FLOAT:
      return list === null ? { f: value } : { list: { f: list } };
    case binding.TF_ATTR_BOOL:
      return list === null ? { b: value } : { list: { b: list } };
    case binding.TF_ATTR_TYPE: {
      const known = TYPES[value as number];
      if (known === undefined) throw new Error(`the type ${String(value)} of ${op} cannot be written`);
      return { type: known.name };
    }
    case binding.TF_ATTR_SHAPE:
      return { shape: dimensions(value as readonly number[]) };
    default:
      throw new Error(`the attribute "${name}" of ${op} cannot be written`);
  }
}
