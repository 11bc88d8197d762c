import type { NativeBinding, OpAttribute } from '../backend/native.js';
import type { ConstantNode, GraphNode, OpNode, Source } from '../capture/graph.js';

/** Whole numbers that a graph computes from the size of its batch. */
export class BatchSize {
  readonly #size: Source;

  /** @param input a placeholder whose first axis is the batch */
  constructor(
    private readonly binding: NativeBinding,
    input: GraphNode,
  ) {
    const { dtype, shape } = input.outputs[0]!;
    const all = this.#op(
      'batch/shape',
      'Shape',
      [{ node: input, output: 0 }],
      [shape.length],
      [this.#type('T', dtype), this.#int32('out_type')],
    );
    const [begin, size] = [this.#constant('batch/begin', [0], [1]), this.#constant('batch/one', [1], [1])];
    this.#size = this.#op('batch/size', 'Slice', [all, begin, size], [1], [this.#int32('T'), this.#int32('Index')]);
  }

  /**
   * The numbers of a constant, scalar or vector, in which some are multiples of the batch.
   *
   * @param multiples of each number how often the batch; null where it stays what it is
   */
  numbers(name: string, { values, outputs }: ConstantNode, multiples: readonly (number | null)[]): Source {
    const parts = multiples.map((factor, i) =>
      factor === null
        ? this.#constant(`${name}/${i}`, [(values as Int32Array)[i]!], [1])
        : this.#op(`${name}/${i}`, 'Mul', [this.#size, this.#constant(`${name}/${i}/factor`, [factor], [1])], [1], [this.#int32('T')]),
    );
    if (outputs[0]!.shape.length === 0) {
      const axes: OpAttribute = { name: 'squeeze_dims', type: this.binding.TF_ATTR_INT, value: [0] };
      return this.#op(name, 'Squeeze', [parts[0]!], [], [this.#int32('T'), axes]);
    }
    if (parts.length === 1) return parts[0]!;
    const count: OpAttribute = { name: 'N', type: this.binding.TF_ATTR_INT, value: parts.length };
    const axis = this.#constant(`${name}/axis`, [0], []);
    return this.#op(name, 'ConcatV2', [...parts, axis], [parts.length], [count, this.#int32('T'), this.#int32('Tidx')]);
  }

  #type(name: string, value: number): OpAttribute {
    return { name, type: this.binding.TF_ATTR_TYPE, value };
  }

  #int32(name: string): OpAttribute {
    return this.#type(name, this.binding.TF_INT32);
  }

  #constant(name: string, values: readonly number[], shape: readonly number[]): Source {
    const node: ConstantNode = {
      kind: 'constant',
      name,
      outputs: [{ shape, dtype: this.binding.TF_INT32 }],
      values: Int32Array.from(values),
    };
    return { node, output: 0 };
  }

  #op(name: string, op: string, inputs: readonly Source[], shape: readonly number[], attributes: readonly OpAttribute[]): Source {
    const node: OpNode = { kind: 'op', name, op, attributes, inputs, outputs: [{ shape, dtype: this.binding.TF_INT32 }] };
    return { node, output: 0 };
  }
}
