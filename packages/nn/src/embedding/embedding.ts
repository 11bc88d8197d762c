import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { EquimodalError } from '@equimodal/core';
import { normal, type Initialiser } from '../initialisers/initialisers.js';
import { checkSize } from '../layer/check.js';
import type { Layer } from '../layer/layer.js';

export interface EmbeddingOptions {
  /** Number of ids; every id is less than this. */
  readonly vocabulary: number;
  readonly size: number;
  /** Id that embeds as zeros, whatever its row of the table, and sends no gradient there. Default: none. */
  readonly padding?: number;
  /** Default normal with deviation 1, as in PyTorch. */
  readonly tableInitialiser?: Initialiser;
}

/**
 * The rows of a table: ids [...] (int32) -> [..., size].
 *
 * Parameters: `table` [vocabulary, size]. An id that is none is an error on a CPU, zeros on a GPU.
 *
 * @throws EQM_PLUGIN_FAULT on malformed options and when the ids are not int32.
 */
export function embedding({ vocabulary, size, padding, tableInitialiser = normal(1) }: EmbeddingOptions): Layer {
  checkSize(vocabulary, 'vocabulary', 'embedding');
  checkSize(size, 'size', 'embedding');
  if (padding !== undefined && !(Number.isInteger(padding) && padding >= 0 && padding < vocabulary)) {
    throw new EquimodalError('EQM_PLUGIN_FAULT', `padding must be an id below ${vocabulary}, got ${padding}`, {
      where: 'embedding',
      fix: 'Give an id of the vocabulary, or leave padding out.',
    });
  }
  return {
    init: (random) => ({ params: { table: tableInitialiser(random.at('table'), [vocabulary, size]) }, state: {} }),
    apply(scope, ids) {
      if (ids.dtype !== 'int32') {
        throw new EquimodalError('EQM_PLUGIN_FAULT', `ids must be int32, got ${ids.dtype}`, { where: scope.path, fix: 'Cast them first.' });
      }
      const rows = tf.gather(scope.param('table'), tf.reshape(ids, [ids.size]) as Tensor1D);
      const kept: Tensor = padding === undefined ? rows : tf.mul(rows, realRows(ids, padding));
      return tf.reshape(kept, [...ids.shape, size]);
    },
  };
}

/** 0 where an id is padding, else 1: float32 [ids, 1]. */
function realRows(ids: Tensor, padding: number): Tensor {
  return tf.reshape(tf.cast(tf.notEqual(ids, tf.scalar(padding, 'int32')), 'float32'), [ids.size, 1]);
}
