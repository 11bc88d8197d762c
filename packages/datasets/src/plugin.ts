import { CONTRACT_VERSION, definePlugin } from '@equimodal/core';
import { avMnistStyle } from './av-mnist-style/av-mnist-style.js';
import { cremaD } from './crema-d/crema-d.js';
import { features } from './features/features.js';
import { iemocap } from './iemocap/iemocap.js';
import { kineticsSounds } from './kinetics-sounds/kinetics-sounds.js';
import { nvGesture } from './nvgesture/nvgesture.js';
import { syntheticAv } from './synthetic-av/synthetic-av.js';
import { ucf101 } from './ucf101/ucf101.js';
import { vggSound } from './vggsound/vggsound.js';

/** The datasets that come with Equimodal. */
export const datasets = definePlugin({
  name: '@equimodal/datasets',
  contractVersion: CONTRACT_VERSION,
  provides: [syntheticAv, avMnistStyle, features, cremaD, kineticsSounds, vggSound, nvGesture, ucf101, iemocap],
});
