import { CONTRACT_VERSION, definePiece, definePlugin, type Plugin } from '@equimodal/core';
import { linear } from '@equimodal/nn';
import { z } from 'zod';
import { toyDataset } from './toy-dataset.js';

const dataset = definePiece({
  kind: 'dataset',
  id: 'kit-toy',
  description: 'A toy problem of any kind of modality, for the conformance kit.',
  facts: {},
  options: z.object({
    modalities: z.array(z.string()).default(['audio', 'image']),
    kind: z.enum(['vector', 'image', 'spectrogram', 'sequence', 'video', 'tokens']).default('vector'),
    shape: z.array(z.int().positive()).default([8]),
  }),
  create: ({ modalities, kind, shape }) => {
    const specs = modalities.map((name) => ({ name, kind, shape }));
    return { modalities: specs, load: () => Promise.resolve(toyDataset(specs)) };
  },
});

const encoder = definePiece({
  kind: 'encoder',
  id: 'kit-linear',
  description: 'One linear layer, for the conformance kit.',
  facts: {},
  options: z.object({}),
  create: (_options, { modality }) => {
    const layer = linear({ inputs: modality.shape.reduce((a, b) => a * b, 1), outputs: 6 });
    return { featureSize: 6, init: (random) => layer.init(random), apply: (scope, input) => ({ features: layer.apply(scope, input) }) };
  },
});

const accuracy = definePiece({
  kind: 'metric',
  id: 'kit-accuracy',
  description: 'Share of right predictions, for the conformance kit.',
  facts: { higherIsBetter: true, bounds: [0, 1] },
  options: z.object({}),
  create: () => ({
    key: 'accuracy',
    predictions: ({ size, classes, probabilities, labels }) => {
      let right = 0;
      for (let row = 0; row < size; row++) {
        const own = probabilities.subarray(row * classes, (row + 1) * classes);
        if (own.indexOf(Math.max(...own)) === labels[row]) right++;
      }
      return right / size;
    },
  }),
});

const plugin = definePlugin({ name: '@equimodal/testing/toy', contractVersion: CONTRACT_VERSION, provides: [dataset, encoder, accuracy] });

/** Pieces of the kit's own, so that a plugin can be tried without any other. */
export function toyPlugin(): Plugin {
  return plugin;
}
