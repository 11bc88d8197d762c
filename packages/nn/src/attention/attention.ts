import type { RandomStream, Scope, Variables } from '@equimodal/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { EquimodalError } from '@equimodal/core';
import { attend } from '@equimodal/engine';
import type { Initialiser } from '../initialisers/initialisers.js';
import { checkRange, checkShape, checkSize } from '../layer/check.js';
import { initChildren, type Layer } from '../layer/layer.js';
import { linear } from '../linear/linear.js';
import { attentionBias } from './bias.js';

export interface AttentionOptions {
  /** Size of queries and outputs, a multiple of `heads`. */
  readonly width: number;
  readonly heads: number;
  /** Size of what is attended to. Default: the width. */
  readonly contextWidth?: number;
  /** A step attends to itself and the steps before it only. Default false. */
  readonly causal?: boolean;
  /** Share of attention weights dropped in training. Default 0. */
  readonly dropout?: number;
  /** Of the four projections. Default Xavier normal. */
  readonly kernelInitialiser?: Initialiser;
}

/** What an attention layer takes beside its queries. */
export interface AttentionContext {
  /** What is attended to, [batch, keys, contextWidth]. Default: the queries (self-attention). */
  readonly context?: Tensor;
  /** float32 [batch, keys]: 0 where a key is padding and gets no attention, 1 elsewhere. */
  readonly mask?: Tensor;
}

/** Attention of the steps of an input to those of a context. */
export interface AttentionLayer extends Layer {
  apply(scope: Scope, input: Tensor, options?: AttentionContext): Tensor;
}

/**
 * Multi-head attention: [batch, queries, width] -> [batch, queries, width].
 *
 * Head h: softmax(Q_h K_h^T / sqrt(width / heads) + bias) V_h with Q = x W_q + b_q, K = c W_k + b_k, V = c W_v + b_v and a bias of -1e9
 * where a key is padding or, if causal, later than the query; the heads side by side go through a last linear map.
 * Where no key is left the attention is even over all of them: finite, and for the caller to mask.
 *
 * Parameters: `query`, `key`, `value`, `out`, each `kernel` and `bias`.
 *
 * Source: Vaswani et al., "Attention is all you need", 2017, section 3.2.
 *
 * @throws EQM_PLUGIN_FAULT on malformed options, other shapes, and causal attention to another number of steps.
 */
export function attention(options: AttentionOptions): AttentionLayer {
  const { width, heads, contextWidth = width, causal = false, dropout = 0, kernelInitialiser } = options;
  checkSize(width, 'width', 'attention');
  checkSize(heads, 'heads', 'attention');
  checkSize(contextWidth, 'contextWidth', 'attention');
  if (width % heads !== 0) {
    throw new EquimodalError('EQM_PLUGIN_FAULT', `a width of ${width} does not divide into ${heads} heads`, {
      where: 'attention',
      fix: 'Make the width a multiple of the heads.',
    });
  }
  const kernel = kernelInitialiser === undefined ? {} : { kernelInitialiser };
  const children = {
    query: linear({ inputs: width, outputs: width, ...kernel }),
    key: linear({ inputs: contextWidth, outputs: width, ...kernel }),
    value: linear({ inputs: contextWidth, outputs: width, ...kernel }),
    out: linear({ inputs: width, outputs: width, ...kernel }),
  };
  checkRange(dropout, 0, 1, 'dropout', 'attention');
  return {
    init: (random: RandomStream): Variables => initChildren(children, random),
    apply(scope, input, { context = input, mask } = {}) {
      checkShape(input, [null, null, width], scope.path);
      const [batch, queries] = input.shape as [number, number, number];
      checkShape(context, [batch, causal ? queries : null, contextWidth], scope.path);
      const keys = context.shape[1]!;
      if (mask !== undefined) checkShape(mask, [batch, keys], scope.path);
      const project = (name: keyof typeof children, x: Tensor): Tensor => children[name].apply(scope.at(name), x);
      return tf.tidy(() => {
        const bias = attentionBias(mask, causal, queries);
        const drop =
          scope.training && dropout > 0 ? { uniform: uniformOf(scope, [batch, heads, queries, keys]), rate: dropout } : undefined;
        const options = { heads, ...(bias && { bias }), ...(drop && { drop }) };
        return project('out', attend(project('query', input), project('key', context), project('value', context), options));
      });
    },
  };
}

/** The numbers that decide which attention weights are dropped. */
const uniformOf = (scope: Scope, shape: readonly number[]): Tensor => scope.at('dropout').random.uniform(shape);
