import { definePiece, type Encoder } from '@equimodal/core';
import { facts, options, resnet } from '../resnet/resnet.js';

/**
 * ResNet-18, no classifier: [batch, h, w, c] or video [batch, time, h, w, c] -> [batch, 8 width] (He et al. 2016).
 *
 * Four stage maps [batch, h, w, channels]; of a video [batch, time, h, w, channels].
 */
export const resnet18 = definePiece({
  kind: 'encoder',
  id: 'resnet18',
  description: 'ResNet-18 from scratch, any number of input channels; 512 features.',
  facts,
  options: options(8),
  create(chosen, { modality }): Encoder {
    return resnet({ id: 'resnet18', block: 'basic', blocks: [2, 2, 2, 2], ...chosen }, modality);
  },
});
