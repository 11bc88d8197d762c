import { fusion } from '@equimodal/fusion';
import { losses } from '@equimodal/losses';
import { methods } from '@equimodal/methods';
import { conformance } from '@equimodal/testing';

conformance(methods, {
  beside: [fusion, losses],
  cases: {
    'method:unimodal': { options: { modality: 'audio' } },
    'method:g-blend': { epochs: 8 },
    'method:umt': { epochs: 8 },
    'method:reconboost': { options: { boostEpochs: 1, rectifyEpochs: 1 }, epochs: 8 },
  },
});
