import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { EquimodalError } from '@equimodal/core';
import { replaceGradient } from './replace.js';

/** The gradient of depthToSpace (pixel shuffle), of which TensorFlow.js has none: every block goes back into the channels. */
export function installDepthToSpaceGradient(): void {
  replaceGradient({
    kernelName: tf.DepthToSpace,
    gradFunc: (dy, _saved, attrs) => {
      const { blockSize: block, dataFormat } = attrs as { blockSize: number; dataFormat: string };
      if (dataFormat !== 'NHWC') {
        throw new EquimodalError('EQM_PLUGIN_FAULT', `depthToSpace of images in ${dataFormat} has no gradient here`, {
          where: 'depthToSpace',
          fix: 'Lay images out as [batch, height, width, channels] (NHWC).',
        });
      }
      return {
        x: () => {
          const [batch, height, width, channels] = (dy as Tensor).shape as [number, number, number, number];
          const blocks = tf.reshape(dy as Tensor, [batch, height / block, block, width / block, block, channels]);
          return tf.reshape(tf.transpose(blocks, [0, 1, 3, 2, 4, 5]), [batch, height / block, width / block, block * block * channels]);
        },
      };
    },
  });
}
