import type { Tensor } from '@tensorflow/tfjs-core';
import type { NativeBackend, NativeBinding, NativeTensor, NativeValues, OpAttribute } from '../backend/native.js';
import type { ConstantNode, OpNode, PlaceholderNode, Source } from './graph.js';

type Handle = { readonly dataId: object };

/** Ops of TensorFlow that draw from a generator with state of its own: two runs of one graph differ. */
const STATEFUL =
  /^(Multinomial|RandomUniform(Int)?|RandomStandardNormal|RandomShuffle|RandomGamma|RandomPoisson(V2)?|(Parameterized)?TruncatedNormal)$/;

/** A tensor from outside the program, which a replay must feed. */
export interface Outsider {
  readonly dataId: object;
  readonly placeholder: PlaceholderNode;
}

let recording = false;

/**
 * Whether the running program is being captured: a graph has no cost per op in JavaScript, and what cancels is left out
 * of it. Only for choosing between ways to the same numbers.
 */
export function isRecording(): boolean {
  return recording;
}

/**
 * Writes down every TensorFlow op that runs, by standing in the place of the add-on: each call goes
 * through, and becomes a node. What the program was given becomes a placeholder, what JavaScript
 * made becomes a constant, a tensor from outside becomes one more placeholder.
 */
export class Recorder {
  readonly outsiders: Outsider[] = [];
  readonly #binding: NativeBinding;
  readonly #sources = new Map<number, Source>();
  readonly #known = new WeakSet<object>();
  #nodes = 0;
  #passing = false;
  #missing: string | undefined;

  constructor(private readonly backend: NativeBackend) {
    this.#binding = backend.binding;
  }

  /** Marks a tensor as fed. Its values must be in TensorFlow, and shared with no other fed tensor. */
  feed(tensor: Handle): PlaceholderNode {
    this.#known.add(tensor.dataId);
    const [id] = this.#through(() => this.backend.getInputTensorIds([tensor]));
    const { shape, dtype } = this.backend.tensorMap.get(tensor.dataId);
    const node: PlaceholderNode = { kind: 'placeholder', name: this.#name('in'), outputs: [{ shape: [...shape], dtype }] };
    this.#sources.set(id!, { node, output: 0 });
    return node;
  }

  /** Runs `program` and records it. Only TensorFlow ops are seen; nothing else changes. */
  record<T>(program: () => T): T {
    const { backend } = this;
    const original = { inputs: backend.getInputTensorIds.bind(backend), output: backend.createOutputTensor.bind(backend) };
    const move = backend.move.bind(backend);
    backend.binding = this.#double();
    backend.getInputTensorIds = (tensors) => {
      for (const tensor of tensors) if (isHandle(tensor) && !this.#known.has(tensor.dataId)) this.#outsider(tensor);
      return original.inputs(tensors);
    };
    backend.createOutputTensor = (made) => {
      const tensor = original.output(made);
      this.#known.add(tensor.dataId);
      return tensor;
    };
    backend.move = (dataId, ...rest) => {
      this.#known.add(dataId);
      move(dataId, ...rest);
    };
    recording = true;
    try {
      return program();
    } finally {
      recording = false;
      backend.binding = this.#binding;
      // The methods of the prototype show again.
      for (const name of ['getInputTensorIds', 'createOutputTensor', 'move'] as const) Reflect.deleteProperty(backend, name);
    }
  }

  /** Where a tensor that the recorded program gave comes from. */
  sourceOf(tensor: Tensor): Source {
    const [id] = this.record(() => this.backend.getInputTensorIds([tensor]));
    return this.#sourceOfId(id!, 'an output');
  }

  /** @throws Error when something that the graph needs went past the recorder. */
  assertComplete(): void {
    if (this.#missing !== undefined) throw new Error(this.#missing);
  }

  #outsider(tensor: Handle): void {
    this.outsiders.push({ dataId: tensor.dataId, placeholder: this.feed(tensor) });
  }

  #name(of: string): string {
    return `${of}_${this.#nodes++}`;
  }

  /** Lets calls through without a note. */
  #through<T>(call: () => T): T {
    const was = this.#passing;
    this.#passing = true;
    try {
      return call();
    } finally {
      this.#passing = was;
    }
  }

  #double(): NativeBinding {
    const binding = this.#binding;
    const overrides = {
      createTensor: (shape: readonly number[], dtype: number, values: NativeValues): number => {
        const id = binding.createTensor(shape, dtype, values);
        if (!this.#passing) {
          const node: ConstantNode = { kind: 'constant', name: this.#name('const'), outputs: [{ shape: [...shape], dtype }], values };
          this.#sources.set(id, { node, output: 0 });
        }
        return id;
      },
      executeOp: (op: string, attributes: readonly OpAttribute[], inputs: readonly number[], outputs: number): NativeTensor[] => {
        const made = binding.executeOp(op, attributes, inputs, outputs);
        if (this.#passing) return made;
        if (STATEFUL.test(op)) throw new StatefulOpError(op);
        const node: OpNode = {
          kind: 'op',
          name: this.#name(op),
          op,
          attributes,
          inputs: inputs.map((id) => this.#sourceOfId(id, op)),
          outputs: made.map(({ shape, dtype }) => ({ shape, dtype })),
        };
        made.forEach(({ id }, output) => this.#sources.set(id, { node, output }));
        return made;
      },
    } satisfies Partial<NativeBinding>;
    // The add-on's own properties are read-only.
    return Object.create(binding, {
      createTensor: { value: overrides.createTensor },
      executeOp: { value: overrides.executeOp },
    }) as NativeBinding;
  }

  #sourceOfId(id: number, user: string): Source {
    const source = this.#sources.get(id);
    if (source !== undefined) return source;
    this.#missing ??= `${user} uses a tensor that went past the recorder`;
    return { node: { kind: 'placeholder', name: this.#name('missing'), outputs: [] }, output: 0 };
  }
}

/** An op that draws random numbers from a state of its own ran inside a program. */
export class StatefulOpError extends Error {
  constructor(readonly op: string) {
    super(`${op} keeps state of its own`);
  }
}

function isHandle(tensor: { readonly dataId?: object }): boolean {
  // 64-bit scalars of tfjs-node are plain objects without data.
  return tensor.dataId !== undefined;
}
