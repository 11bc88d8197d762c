import { alphaSchedulers } from '@equimodal/alpha-schedulers';
import type { Kind, ModalitySpec, Plugin } from '@equimodal/core';
import { datasets } from '@equimodal/datasets';
import { encoders } from '@equimodal/encoders';
import { engines } from '@equimodal/engine';
import { fusion } from '@equimodal/fusion';
import { losses } from '@equimodal/losses';
import { metrics } from '@equimodal/metrics';
import { observers } from '@equimodal/observers';
import { conformance } from '@equimodal/testing';

// Every built-in piece but methods, which stand in a file of their own because they take the longest, is a row of the kit.
conformance(encoders, {
  cases: {
    'encoder:resnet18': { options: { width: 4 }, modality: { name: 'image', kind: 'image', shape: [32, 32, 2] } },
    'encoder:resnet34': { options: { width: 4 }, modality: { name: 'image', kind: 'image', shape: [32, 32, 2] } },
    'encoder:resnet50': { options: { width: 4 }, modality: { name: 'image', kind: 'image', shape: [32, 32, 2] } },
    'encoder:transformer': { options: { width: 8, depth: 2, heads: 2 } },
    'encoder:bert': { options: { width: 8, depth: 2, heads: 2, feedForward: 12, vocabulary: 50, positions: 12 } },
    'encoder:clip-text': { options: { width: 8, depth: 2, heads: 2, feedForward: 12, vocabulary: 50, positions: 12, projection: 6 } },
    'encoder:clip-image': { options: { width: 8, depth: 2, heads: 2, feedForward: 12, patch: 4, projection: 6 } },
    'encoder:i3d': { options: { width: 1 / 64 }, modality: { name: 'clips', kind: 'video', shape: [5, 12, 12, 3] } },
    'encoder:frozen': { options: { encoder: { use: 'mlp', hidden: [6], dropout: 0.5 } } },
    'encoder:text-cnn': { options: { vocabulary: 50, embedding: 6, filters: 4 } },
  },
});
conformance(fusion, {
  cases: {
    'fusion:ml-lstm': { options: { size: 4, units: 5 } },
    'fusion:attention': { options: { width: 8, tokens: 2, heads: 2, layers: 1 } },
  },
});
conformance(losses);
conformance(alphaSchedulers);
conformance(metrics);
conformance(datasets, {
  cases: {
    'dataset:features': {
      options: { modalities: { text: { train: 'a.csv', test: 'b.csv' } }, labels: { from: 'text', column: 'last' } },
      skip: 'has no default files; its own tests read csv, npy, npz and mat tables',
    },
    'dataset:mosei': { skip: 'its own tests read packs in miniature' },
    'dataset:ur-funny': { skip: 'its own tests read a pack in miniature' },
    'dataset:av-mnist': { skip: 'its own tests read the files in miniature' },
    'dataset:modelnet40': { skip: 'its own tests read objects in miniature' },
    'dataset:folders': {
      options: { modalities: { face: { kind: 'image' } } },
      skip: 'has no default files; its own tests read folders of every kind',
    },
    'dataset:crema-d': { skip: 'needs its folder; its own tests write one, test/training trains on one' },
    'dataset:kinetics-sounds': { skip: 'needs its folder; its own tests write one' },
    'dataset:vggsound': { skip: 'needs its folder; its own tests write one' },
    'dataset:nvgesture': { skip: 'needs its folder; its own tests write one' },
    'dataset:ucf101': { skip: 'needs its folder; its own tests write one' },
    'dataset:iemocap': { skip: 'needs its folder; its own tests write one' },
    'dataset:iemocap-features': { skip: 'needs its folder; its own tests write one' },
    'dataset:synthetic-av': { options: { train: 60, validation: 30, test: 30 } },
    'dataset:sarcasm': { skip: 'its own tests read lists and images in the real layout' },
    'dataset:twitter2015': { skip: 'its own tests read lists and images in the real layout' },
    'dataset:synthetic': { options: { train: 60, validation: 30, test: 30 } },
  },
});
conformance(observers);
conformance(engines);

// Other options, other ops in the graph.
const clips: ModalitySpec = { name: 'clips', kind: 'video', shape: [3, 16, 16, 2] };
const words: ModalitySpec = { name: 'words', kind: 'tokens', shape: [7] };
const variants: [Plugin, `${Kind}:${string}`, Readonly<Record<string, unknown>>, ModalitySpec?][] = [
  [encoders, 'encoder:mlp', { hidden: [16], batchNorm: true, dropout: 0.3 }],
  [encoders, 'encoder:lstm', { units: 6, layers: 2, dropout: 0.3, pool: 'mean', padding: 'zeros' }],
  [encoders, 'encoder:bilstm', { units: 5, padding: 'zeros' }],
  [encoders, 'encoder:conv1d', { channels: [6], batchNorm: true, pool: 'mean', padding: 'zeros' }],
  [encoders, 'encoder:resnet18', { width: 4, stem: 'small' }, clips],
  [encoders, 'encoder:resnet34', { width: 4, stem: 'small' }, clips],
  [encoders, 'encoder:resnet50', { width: 4, stem: 'small' }, clips],
  [encoders, 'encoder:transformer', { width: 8, depth: 1, heads: 2, pool: 'cls', padding: 'zeros', positions: 'sinusoidal' }],
  [encoders, 'encoder:transformer', { width: 8, depth: 1, heads: 2, pool: 'max', vocabulary: 50 }, words],
  [
    encoders,
    'encoder:bert',
    { width: 8, depth: 1, heads: 2, feedForward: 12, vocabulary: 50, output: 'mean', segments: 'after-separator' },
    words,
  ],
  [encoders, 'encoder:clip-text', { width: 8, depth: 1, heads: 2, vocabulary: 50, projection: 6, normalise: true }, words],
  [losses, 'loss:cross-entropy', { smoothing: 0.1 }],
  [losses, 'alignment:info-nce', { projection: 4 }],
];
for (const [plugin, name, options, modality] of variants) {
  const provides = plugin.provides.filter(({ kind, id }) => `${kind}:${id}` === name);
  conformance(
    { ...plugin, name: `${name} ${JSON.stringify(options)}`, provides },
    { cases: { [name]: { options, ...(modality && { modality }) } } },
  );
}
