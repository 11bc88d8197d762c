import { CONTRACT_VERSION, definePlugin } from '@equimodal/core';
import { lenet } from '../lenet/lenet.js';
import { mlp } from '../mlp/mlp.js';
import { resnet18 } from '../resnet18/resnet18.js';

/** The encoders that come with Equimodal. */
export const encoders = definePlugin({
  name: '@equimodal/encoders',
  version: '0.1.0',
  contractVersion: CONTRACT_VERSION,
  provides: [mlp, lenet, resnet18],
});
