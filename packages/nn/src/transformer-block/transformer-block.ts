import type { Scope } from '@equimodal/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { relu } from '../activation/activation.js';
import { attention } from '../attention/attention.js';
import { dropout as dropoutLayer } from '../dropout/dropout.js';
import { gelu, geluTanh, quickGelu } from '../gelu/gelu.js';
import type { Initialiser } from '../initialisers/initialisers.js';
import { checkShape } from '../layer/check.js';
import { initChildren, type Layer } from '../layer/layer.js';
import { layerNorm } from '../layer-norm/layer-norm.js';
import { linear } from '../linear/linear.js';

/** What may stand between the two linear maps of a block. */
export const BLOCK_ACTIVATIONS = { relu, gelu, 'gelu-tanh': geluTanh, 'quick-gelu': quickGelu } as const;

export interface TransformerBlockOptions {
  readonly width: number;
  readonly heads: number;
  /** Width between the two linear maps. Default four times the width. */
  readonly feedForward?: number;
  /** Where the norms stand: before each branch (`pre`), or behind each sum (`post`). Default `pre`. */
  readonly norm?: 'pre' | 'post';
  /** Default gelu. */
  readonly activation?: keyof typeof BLOCK_ACTIVATIONS;
  /** Share of what each branch gives that is dropped in training. Default 0. */
  readonly dropout?: number;
  /** Share of attention weights dropped in training. Default: as `dropout`. */
  readonly attentionDropout?: number;
  /** Default false. */
  readonly causal?: boolean;
  /** Of the norms. Default 1e-5. */
  readonly epsilon?: number;
  /** Of all linear maps. Default Xavier normal. */
  readonly kernelInitialiser?: Initialiser;
}

/** A block of a transformer; `mask` is float32 [batch, time], 0 where a step is padding and gets no attention. */
export interface TransformerBlock extends Layer {
  apply(scope: Scope, input: Tensor, mask?: Tensor): Tensor;
}

/**
 * One layer of a transformer's encoder: self-attention A, then two linear maps with an activation between, M, each beside a shortcut:
 * [batch, time, width] -> [batch, time, width].
 *
 * `pre`: y = x + A(norm1 x), z = y + M(norm2 y). `post`: y = norm1(x + A x), z = norm2(y + M y). Dropout at the end of A and of M.
 *
 * Parameters: `attention/...` (see `attention`), `norm1`, `norm2` (`scale`, `offset`), `linear1`, `linear2` (`kernel`, `bias`).
 *
 * Source: Vaswani et al., "Attention is all you need", 2017 (post); Xiong et al., "On layer normalization in the transformer
 * architecture", 2020 (pre).
 *
 * @throws EQM_PLUGIN_FAULT on malformed options and other shapes.
 */
export function transformerBlock(options: TransformerBlockOptions): TransformerBlock {
  const { width, heads, feedForward = 4 * width, norm = 'pre', dropout = 0, attentionDropout = dropout, causal = false } = options;
  const kernel = options.kernelInitialiser === undefined ? {} : { kernelInitialiser: options.kernelInitialiser };
  const size = { size: width, ...(options.epsilon === undefined ? {} : { epsilon: options.epsilon }) };
  const children = {
    attention: attention({ width, heads, causal, dropout: attentionDropout, ...kernel }),
    norm1: layerNorm(size),
    linear1: linear({ inputs: width, outputs: feedForward, ...kernel }),
    linear2: linear({ inputs: feedForward, outputs: width, ...kernel }),
    norm2: layerNorm(size),
  };
  const activation = BLOCK_ACTIVATIONS[options.activation ?? 'gelu'];
  const drop = dropoutLayer({ rate: dropout });

  const attend = (scope: Scope, x: Tensor, mask: Tensor | undefined): Tensor =>
    drop.apply(scope.at('dropout1'), children.attention.apply(scope.at('attention'), x, mask === undefined ? {} : { mask }));
  const think = (scope: Scope, x: Tensor): Tensor => {
    const wide = activation.apply(scope, children.linear1.apply(scope.at('linear1'), x));
    return drop.apply(scope.at('dropout2'), children.linear2.apply(scope.at('linear2'), wide));
  };
  const normalise = (scope: Scope, name: 'norm1' | 'norm2', x: Tensor): Tensor => children[name].apply(scope.at(name), x);

  return {
    init: (random) => initChildren(children, random),
    apply(scope, input, mask) {
      checkShape(input, [null, null, width], scope.path);
      // What the backward pass does not need is let go of here.
      return tf.tidy(() => {
        if (norm === 'pre') {
          const attended = tf.add(input, attend(scope, normalise(scope, 'norm1', input), mask));
          return tf.add(attended, think(scope, normalise(scope, 'norm2', attended)));
        }
        const attended = normalise(scope, 'norm1', tf.add(input, attend(scope, input, mask)));
        return normalise(scope, 'norm2', tf.add(attended, think(scope, attended)));
      });
    },
  };
}
