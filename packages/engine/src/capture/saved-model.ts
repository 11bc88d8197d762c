import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { NativeBinding, NativeValues, OpAttribute } from '../backend/native.js';
import { findTfjsNode } from '../native/library/library.js';
import { reachable, type GraphNode, type OutputType, type Source } from './graph.js';

const require = createRequire(import.meta.url);

/** The messages of TensorFlow's protocol that tfjs-node ships, as far as we write them. */
interface Messages {
  readonly SavedModel: new () => {
    setSavedModelSchemaVersion(v: number): void;
    addMetaGraphs(graph: object): void;
    serializeBinary(): Uint8Array;
  };
  readonly MetaGraphDef: (new () => { setMetaInfoDef(info: object): void; setGraphDef(graph: object): void }) & {
    readonly MetaInfoDef: new () => { setTagsList(tags: readonly string[]): void };
  };
  readonly GraphDef: new () => { addNode(node: object): void; setVersions(versions: object): void };
  readonly VersionDef: new () => { setProducer(v: number): void };
  readonly NodeDef: new () => {
    setName(name: string): void;
    setOp(op: string): void;
    addInput(input: string): void;
    getAttrMap(): { set(name: string, value: object): void };
  };
  readonly AttrValue: (new () => AttrMessage) & { readonly ListValue: new () => ListMessage };
  readonly Tensor: new () => {
    setDtype(type: number): void;
    setTensorShape(shape: object): void;
    setTensorContent(bytes: Uint8Array): void;
    setFloatValList(values: readonly number[]): void;
  };
  readonly TensorShape: (new () => { setDimList(dims: readonly object[]): void }) & {
    readonly Dim: new () => { setSize(size: number): void };
  };
}
interface AttrMessage {
  setS(value: Uint8Array): void;
  setI(value: number): void;
  setF(value: number): void;
  setB(value: boolean): void;
  setType(value: number): void;
  setShape(value: object): void;
  setTensor(value: object): void;
  setList(value: object): void;
}
interface ListMessage {
  setIList(values: readonly number[]): void;
  setFList(values: readonly number[]): void;
  setBList(values: readonly boolean[]): void;
}

/** The producer version that op definitions are read by; any recent one. */
const PRODUCER = 1395;
/** Tag of the only graph in our SavedModels. */
export const TAG = 'serve';

/** `name:output`, as sessions feed and fetch it. */
export function tensorName({ node, output }: Source): string {
  return `${node.name}:${output}`;
}

/** The graph behind `fetches`, and the placeholders it is fed by, as a SavedModel file. */
export function encodeSavedModel(binding: NativeBinding, fetches: readonly Source[], placeholders: readonly GraphNode[]): Uint8Array {
  const pb = messages();
  const graph = new pb.GraphDef();
  const versions = new pb.VersionDef();
  versions.setProducer(PRODUCER);
  graph.setVersions(versions);
  const nodes = new Set([...placeholders, ...reachable(fetches)]);
  for (const node of nodes) graph.addNode(encodeNode(pb, binding, node));

  const info = new pb.MetaGraphDef.MetaInfoDef();
  info.setTagsList([TAG]);
  const meta = new pb.MetaGraphDef();
  meta.setMetaInfoDef(info);
  meta.setGraphDef(graph);
  const model = new pb.SavedModel();
  model.setSavedModelSchemaVersion(1);
  model.addMetaGraphs(meta);
  return model.serializeBinary();
}

function messages(): Messages {
  const tfjs = findTfjsNode();
  if (tfjs === null) throw new Error('@tensorflow/tfjs-node-gpu is not there');
  return require(join(tfjs.folder, 'dist', 'proto', 'api_pb.js')) as Messages;
}

function encodeNode(pb: Messages, binding: NativeBinding, node: GraphNode): object {
  const message = new pb.NodeDef();
  message.setName(node.name);
  const attributes = message.getAttrMap();
  const typed = (type: number): AttrMessage => attr(pb, (value) => value.setType(type));
  if (node.kind === 'op') {
    message.setOp(node.op);
    for (const input of node.inputs) message.addInput(input.output === 0 ? input.node.name : tensorName(input));
    for (const attribute of node.attributes) attributes.set(attribute.name, encodeAttribute(pb, binding, attribute));
    return message;
  }
  const { shape, dtype } = node.outputs[0]!;
  attributes.set('dtype', typed(dtype));
  if (node.kind === 'placeholder') {
    message.setOp('Placeholder');
    attributes.set(
      'shape',
      attr(pb, (value) => value.setShape(encodeShape(pb, shape))),
    );
  } else {
    message.setOp('Const');
    attributes.set(
      'value',
      attr(pb, (value) => value.setTensor(encodeTensor(pb, node.outputs[0]!, node.values))),
    );
  }
  return message;
}

function attr(pb: Messages, fill: (value: AttrMessage) => void): AttrMessage {
  const value = new pb.AttrValue();
  fill(value);
  return value;
}

/** As the add-on reads attributes of an eager op: the type says which field, an array says list. */
function encodeAttribute(pb: Messages, binding: NativeBinding, { type, value }: OpAttribute): AttrMessage {
  const list = (fill: (list: ListMessage) => void): AttrMessage =>
    attr(pb, (message) => {
      const values = new pb.AttrValue.ListValue();
      fill(values);
      message.setList(values);
    });
  switch (type) {
    case binding.TF_ATTR_STRING:
      return attr(pb, (message) => message.setS(Buffer.from(value as string)));
    case binding.TF_ATTR_INT:
      if (Array.isArray(value)) return list((message) => message.setIList(value as number[]));
      return attr(pb, (message) => message.setI(value as number));
    case binding.TF_ATTR_FLOAT:
      if (Array.isArray(value)) return list((message) => message.setFList(value as number[]));
      return attr(pb, (message) => message.setF(value as number));
    case binding.TF_ATTR_BOOL:
      if (Array.isArray(value)) return list((message) => message.setBList(value as unknown as boolean[]));
      return attr(pb, (message) => message.setB(value as boolean));
    case binding.TF_ATTR_TYPE:
      return attr(pb, (message) => message.setType(value as number));
    case binding.TF_ATTR_SHAPE:
      return attr(pb, (message) => message.setShape(encodeShape(pb, value as number[])));
    default:
      throw new Error(`an attribute of type ${type} cannot be recorded`);
  }
}

function encodeShape(pb: Messages, shape: readonly number[]): object {
  const message = new pb.TensorShape();
  message.setDimList(
    shape.map((size) => {
      const dim = new pb.TensorShape.Dim();
      dim.setSize(size);
      return dim;
    }),
  );
  return message;
}

function encodeTensor(pb: Messages, { shape, dtype }: OutputType, values: NativeValues): object {
  if (!ArrayBuffer.isView(values)) throw new Error('a constant of strings cannot be recorded');
  const message = new pb.Tensor();
  message.setDtype(dtype);
  message.setTensorShape(encodeShape(pb, shape));
  // One value stands for a whole tensor of it.
  if (values instanceof Float32Array && values.length > 1 && values.every((value) => Object.is(value, values[0]))) {
    message.setFloatValList([values[0]!]);
  } else {
    message.setTensorContent(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return message;
}
