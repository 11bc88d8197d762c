import { definePiece, type Encoder } from '@equimodal/core';
import { facts, options, resnet } from '../resnet/resnet.js';

/**
 * ResNet-50, no classifier: [batch, h, w, c] or video [batch, time, h, w, c] -> [batch, 32 width] (He et al. 2016).
 *
 * Four stage maps [batch, h, w, channels]; of a video [batch, time, h, w, channels].
 */
export const resnet50 = definePiece({
  kind: 'encoder',
  id: 'resnet50',
  description: 'ResNet-50 from scratch, any number of input channels; 2048 features.',
  facts,
  options: options(32),
  create(chosen, { modality }): Encoder {
    return resnet({ id: 'resnet50', block: 'bottleneck', blocks: [3, 4, 6, 3], ...chosen }, modality);
  },
});
