import { CONTRACT_VERSION, definePlugin } from '@equimodal/core';
import { avMnistStyle } from './av-mnist-style/av-mnist-style.js';
import { cremaD } from './crema-d/crema-d.js';
import { features } from './features/features.js';
import { sarcasm } from './sarcasm/sarcasm.js';
import { synthetic } from './synthetic/synthetic.js';
import { syntheticAv } from './synthetic-av/synthetic-av.js';
import { multiView } from './multi-view/multi-view.js';
import { mosi } from './mosi/mosi.js';
import { mosei } from './mosei/mosei.js';
import { urFunny } from './ur-funny/ur-funny.js';
import { mmsd } from './mmsd/mmsd.js';
import { avMnist } from './av-mnist/av-mnist.js';
import { modelnet40 } from './modelnet40/modelnet40.js';
import { folders } from './folders/folders.js';
import { iemocap } from './iemocap/iemocap.js';
import { iemocapFeatures } from './iemocap-features/iemocap-features.js';
import { kineticsSounds } from './kinetics-sounds/kinetics-sounds.js';
import { nvGesture } from './nvgesture/nvgesture.js';
import { ucf101 } from './ucf101/ucf101.js';
import { vggSound } from './vggsound/vggsound.js';
import { twitter2015 } from './twitter2015/twitter2015.js';

/** The datasets that come with Equimodal. */
export const datasets = definePlugin({
  name: '@equimodal/datasets',
  contractVersion: CONTRACT_VERSION,
  provides: [
    syntheticAv,
    avMnistStyle,
    features,
    synthetic,
    multiView,
    mosi,
    mosei,
    urFunny,
    mmsd,
    avMnist,
    modelnet40,
    folders,
    cremaD,
    kineticsSounds,
    vggSound,
    nvGesture,
    ucf101,
    iemocap,
    iemocapFeatures,
    sarcasm,
    twitter2015,
  ],
});
