import { CONTRACT_VERSION, definePiece, definePlugin, type Plugin, type Stages } from '@equimodal/core';
import { crossEntropy, initChildren, linear } from '@equimodal/nn';
import * as tf from '@tensorflow/tfjs-core';
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

const stagedEncoder = definePiece({
  kind: 'encoder',
  id: 'kit-staged',
  description: 'Linear layers with ReLU as four stages, for the conformance kit.',
  facts: { staged: true },
  options: z.object({}),
  create: (_options, { modality }) => {
    const inputs = modality.shape.reduce((a, b) => a * b, 1);
    const layers = [inputs, 6, 6, 6].map((size) => linear({ inputs: size, outputs: 6 }));
    const stages: Stages = {
      channels: layers.map(() => 6),
      run: (scope, stage, input) => tf.relu(layers[stage - 1]!.apply(scope.at(`stage${stage}`), input)),
      end: (_scope, maps) => maps,
    };
    return {
      featureSize: 6,
      stages,
      init: (random) => initChildren(Object.fromEntries(layers.map((layer, i) => [`stage${i + 1}`, layer])), random),
      apply: (scope, input) => ({ features: layers.reduce((x, _layer, i) => stages.run(scope, i + 1, x), input) }),
    };
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

const fusion = definePiece({
  kind: 'fusion',
  id: 'kit-heads',
  description: 'Logits of own linear heads added up, for the conformance kit.',
  facts: { missing: 'it exists to try other pieces with' },
  options: z.object({}),
  create: (_options, { modalities, featureSizes, classes }) => {
    const heads = Object.fromEntries(modalities.map((name) => [name, linear({ inputs: featureSizes[name]!, outputs: classes })]));
    return {
      init: (random) => initChildren(heads, random),
      apply(scope, features) {
        const unimodal = Object.fromEntries(modalities.map((name) => [name, heads[name]!.apply(scope.at(name), features[name]!)]));
        const [first, ...others] = Object.values(unimodal);
        return { logits: others.reduce((sum, each) => tf.add(sum, each), first!), unimodal };
      },
    };
  },
});

const loss = definePiece({
  kind: 'loss',
  id: 'kit-cross-entropy',
  description: 'Softmax cross entropy, for the conformance kit.',
  facts: {},
  options: z.object({}),
  create: () => ({ compute: ({ logits, labels, sampleWeights }) => crossEntropy(logits, labels, { sampleWeights }) }),
});

const plugin = definePlugin({
  name: '@equimodal/testing/toy',
  contractVersion: CONTRACT_VERSION,
  provides: [dataset, encoder, stagedEncoder, fusion, loss, accuracy],
});

/** Pieces of the kit's own, so that a plugin can be tried without any other. */
export function toyPlugin(): Plugin {
  return plugin;
}
