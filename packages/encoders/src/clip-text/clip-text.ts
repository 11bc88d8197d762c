import { definePiece, type Encoder } from '@equimodal/core';
import { checkShape, embedding, initChildren, layerNorm, normal } from '@equimodal/nn';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { dividesIntoHeads, HEADS_MESSAGE, paper, tower, towerOptions } from '../clip/clip.js';
import { checkLength, checkModality } from '../input/input.js';
import { learnedPositions } from '../transformer/positions.js';
import { stackLayers } from '../transformer/stack.js';
import { names } from './names.js';

const ACCEPTS = ['tokens'] as const;

const size = z.int().positive();

/**
 * Text tower of CLIP: tokens [batch, tokens] (int32) -> [batch, projection].
 *
 * A causal transformer with norms before the branches; the features are the last norm of the state at the first of the largest ids, which is the
 * end-of-text token in CLIP's vocabulary, mapped into the space that text and image share. What stands behind that token changes nothing.
 *
 * Parameters: `embeddings/word/table`, `embeddings/position/table`, `layers/0/...` (see `transformerBlock`), `norm`,
 * `projection/kernel`. See `names`.
 *
 * Source: Radford et al., "Learning transferable visual models from natural language supervision", ICML 2021, section 2.4.
 */
export const clipText = definePiece({
  kind: 'encoder',
  id: 'clip-text',
  description: "CLIP's text tower, that of ViT-B/32 unless told otherwise; 512 features.",
  facts: { accepts: ACCEPTS, paper },
  options: z
    .strictObject({
      ...towerOptions({ width: 512, heads: 8, feedForward: 2048 }),
      vocabulary: size.default(49408).describe('number of token ids; the largest one in a text ends it'),
      positions: size.default(77).describe('longest text, in tokens'),
    })
    .refine(dividesIntoHeads, HEADS_MESSAGE),
  create(options, { modality }): Encoder {
    checkModality('clip-text', ACCEPTS, modality);
    const { depth, width, vocabulary, positions } = options;
    checkLength('clip-text', modality, positions);
    const word = embedding({ vocabulary, size: width, tableInitialiser: normal(0.02) });
    const position = learnedPositions(positions, width, 0.01);
    const norm = layerNorm({ size: width });
    const { layers, project } = tower(options, true);
    return {
      featureSize: options.projection,
      names: names(options),
      layers: stackLayers(['embeddings'], depth, ['norm', 'projection']),
      init: (random) =>
        initChildren({ 'embeddings/word': word, 'embeddings/position': position, layers, norm, projection: project }, random),
      apply(scope, input) {
        checkShape(input, [null, ...modality.shape], scope.path);
        const ids = tf.cast(input, 'int32');
        const at = scope.at('embeddings');
        const embedded = position.apply(at.at('position'), word.apply(at.at('word'), ids));
        const ends = stepsAt(layers.apply(scope.at('layers'), embedded), endOfText(ids));
        return { features: project.apply(scope.at('projection'), norm.apply(scope.at('norm'), ends)) };
      },
    };
  },
});

/** Where the first of the largest ids stands: int32 [batch]. */
function endOfText(ids: Tensor): Tensor {
  const tokens = ids.shape[1]!;
  // No two numbers of a row are equal, so that no engine has to choose.
  const ranked = tf.sub(tf.mul(ids, tf.scalar(tokens, 'int32')), tf.range(0, tokens, 1, 'int32'));
  return tf.argMax(ranked, 1);
}

/** One step of each row: [batch, time, size] and int32 [batch] -> [batch, size]. */
function stepsAt(sequence: Tensor, steps: Tensor): Tensor {
  const [batch, time, width] = sequence.shape as [number, number, number];
  const rows = tf.add(steps, tf.mul(tf.range(0, batch, 1, 'int32'), tf.scalar(time, 'int32')));
  return tf.gather(tf.reshape(sequence, [batch * time, width]), rows as Tensor1D);
}
