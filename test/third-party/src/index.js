import { CONTRACT_VERSION, definePlugin } from '@equimodal/core';
import { cosine } from './cosine.js';
import { modalityDropout } from './modality-dropout.js';
import { patience } from './patience.js';
import { softMax } from './soft-max.js';

export { cosine, modalityDropout, patience, softMax };

export default definePlugin({
  name: 'equimodal-plugin-lanterns',
  version: '1.0.0',
  contractVersion: CONTRACT_VERSION,
  provides: [softMax, cosine, modalityDropout, patience],
  recipes: [
    {
      id: 'lantern',
      description: 'Soft-max fusion with alignment that fades as a cosine, and modality dropout.',
      fusion: 'soft-max',
      alignment: 'info-nce',
      alpha: 'cosine',
      methods: ['modality-dropout'],
    },
  ],
});
