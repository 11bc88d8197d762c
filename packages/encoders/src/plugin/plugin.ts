import { CONTRACT_VERSION, definePlugin } from '@equimodal/core';
import { bert } from '../bert/bert.js';
import { bilstm } from '../bilstm/bilstm.js';
import { clipImage } from '../clip-image/clip-image.js';
import { clipText } from '../clip-text/clip-text.js';
import { conv1d } from '../conv1d/conv1d.js';
import { i3d } from '../i3d/i3d.js';
import { lstm } from '../lstm/lstm.js';
import { textCnn } from '../text-cnn/text-cnn.js';
import { transformer } from '../transformer/transformer.js';
import { frozen } from '../frozen/frozen.js';
import { lenet } from '../lenet/lenet.js';
import { mlp } from '../mlp/mlp.js';
import { resnet18 } from '../resnet18/resnet18.js';
import { resnet34 } from '../resnet34/resnet34.js';
import { resnet50 } from '../resnet50/resnet50.js';

/** The encoders that come with Equimodal. */
export const encoders = definePlugin({
  name: '@equimodal/encoders',
  version: '0.1.0',
  contractVersion: CONTRACT_VERSION,
  provides: [mlp, lenet, resnet18, resnet34, resnet50, i3d, lstm, bilstm, conv1d, textCnn, transformer, bert, clipText, clipImage, frozen],
});
