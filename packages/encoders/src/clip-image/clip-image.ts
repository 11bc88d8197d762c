import { definePiece, EquimodalError, type Encoder, type ModalitySpec } from '@equimodal/core';
import { checkShape, conv2d, initChildren, layerNorm, normal } from '@equimodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { dividesIntoHeads, HEADS_MESSAGE, paper, tower, towerOptions } from '../clip/clip.js';
import { checkModality } from '../input/input.js';
import { firstStep } from '../time/time.js';
import { classStep } from '../transformer/class-step.js';
import { learnedPositions } from '../transformer/positions.js';
import { stackLayers } from '../transformer/stack.js';
import { names } from './names.js';

const ACCEPTS = ['image'] as const;

/**
 * Image tower of CLIP, a vision transformer: [batch, height, width, channels] -> [batch, projection].
 *
 * A convolution without bias cuts the image into patches; a class vector stands before them, positions are added, a norm, blocks with norms before
 * the branches; the features are the second norm of the class vector's state, mapped into the space that text and image share.
 *
 * Parameters: `embeddings/class/vector`, `embeddings/patch/kernel` [patch, patch, channels, width], `embeddings/position/table`
 * [1 + patches, width], `norm1`, `layers/0/...` (see `transformerBlock`), `norm2`, `projection/kernel`. See `names`.
 *
 * Source: Radford et al., "Learning transferable visual models from natural language supervision", ICML 2021, section 2.4;
 * Dosovitskiy et al., "An image is worth 16x16 words", ICLR 2021.
 */
export const clipImage = definePiece({
  kind: 'encoder',
  id: 'clip-image',
  description: "CLIP's image tower, ViT-B/32 unless told otherwise; 512 features.",
  facts: { accepts: ACCEPTS, paper, note: 'The published weights are for images of 224 x 224.' },
  options: z
    .strictObject({
      ...towerOptions({ width: 768, heads: 12, feedForward: 3072 }),
      patch: z.int().positive().default(32).describe('side of a square patch, in pixels; divides both sides of the image'),
    })
    .refine(dividesIntoHeads, HEADS_MESSAGE),
  create(options, { modality }): Encoder {
    checkModality('clip-image', ACCEPTS, modality);
    const { depth, width, patch } = options;
    const patches = countPatches(modality, patch);
    const cut = conv2d({
      inputs: modality.shape[2]!,
      filters: width,
      kernel: patch,
      stride: patch,
      padding: 'valid',
      bias: false,
      kernelInitialiser: normal(0.02),
    });
    const first = classStep(width);
    const position = learnedPositions(1 + patches, width);
    const [norm1, norm2] = [layerNorm({ size: width }), layerNorm({ size: width })];
    const { layers, project } = tower(options, false);
    const embeddings = { 'embeddings/class': first, 'embeddings/patch': cut, 'embeddings/position': position };
    return {
      featureSize: options.projection,
      names: names(options),
      layers: stackLayers(['embeddings', 'norm1'], depth, ['norm2', 'projection']),
      init: (random) => initChildren({ ...embeddings, norm1, layers, norm2, projection: project }, random),
      apply(scope, input) {
        checkShape(input, [null, ...modality.shape], scope.path);
        const at = scope.at('embeddings');
        const steps = tf.reshape(cut.apply(at.at('patch'), input), [input.shape[0]!, patches, width]);
        const embedded = position.apply(at.at('position'), first.apply(at.at('class'), steps));
        const states = layers.apply(scope.at('layers'), norm1.apply(scope.at('norm1'), embedded));
        return { features: project.apply(scope.at('projection'), norm2.apply(scope.at('norm2'), firstStep(states))) };
      },
    };
  },
});

/** @throws EQM_CONFIG_INCOMPATIBLE when an image does not divide into patches. */
function countPatches({ name, shape }: ModalitySpec, patch: number): number {
  const [height, width] = shape as [number, number, number];
  if (height % patch === 0 && width % patch === 0) return (height * width) / patch ** 2;
  throw new EquimodalError('EQM_CONFIG_INCOMPATIBLE', `images of ${height} x ${width} do not divide into patches of ${patch} x ${patch}`, {
    where: `modality "${name}"`,
    fix: 'Resize the images, or change the option patch of the encoder "clip-image".',
  });
}
