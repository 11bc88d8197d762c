import { layerNormalize } from '@equimodal/engine';
import { ones, zeros } from '../initialisers/initialisers.js';
import { checkRange, checkShape, checkSize } from '../layer/check.js';
import type { Layer } from '../layer/layer.js';

export interface LayerNormOptions {
  /** Size of the last axis. */
  readonly size: number;
  /** Default 1e-5. */
  readonly epsilon?: number;
}

/**
 * y = (x - mean) / sqrt(variance + epsilon) * scale + offset, mean and biased variance over the last axis: [..., size] -> [..., size].
 *
 * Parameters: `scale` (ones), `offset` (zeros), both [size]. The same in training and evaluation.
 *
 * Source: Ba, Kiros and Hinton, "Layer normalization", 2016.
 *
 * @throws EQM_PLUGIN_FAULT on malformed options and when the input's last axis is not `size`.
 */
export function layerNorm({ size, epsilon = 1e-5 }: LayerNormOptions): Layer {
  checkSize(size, 'size', 'layerNorm');
  checkRange(epsilon, Number.MIN_VALUE, 1, 'epsilon', 'layerNorm');
  return {
    init: (random) => ({ params: { scale: ones(random, [size]), offset: zeros(random, [size]) }, state: {} }),
    apply(scope, input) {
      checkShape(input, [...input.shape.slice(0, -1).map(() => null), size], scope.path);
      return layerNormalize(input, scope.param('scale'), scope.param('offset'), epsilon);
    },
  };
}
