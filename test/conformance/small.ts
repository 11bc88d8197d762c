import type { ModalityKind } from '@equimodal/core';

/** A small input of each kind. */
export const SHAPES: Readonly<Record<ModalityKind, readonly number[]>> = {
  vector: [8],
  image: [16, 16, 1],
  spectrogram: [16, 12, 1],
  sequence: [5, 4],
  video: [2, 16, 16, 1],
  tokens: [6],
};

/** Options and shapes that make a piece small enough to be tried in every combination. */
export const SMALL: Readonly<Record<string, { readonly options: object; readonly shape?: readonly number[] }>> = {
  mlp: { options: { hidden: [8], features: 4 } },
  lenet: { options: { channels: [2, 3, 4, 4], features: 4 } },
  resnet18: { options: { width: 2, stem: 'small' }, shape: [8, 8, 1] },
  resnet34: { options: { width: 2, stem: 'small' }, shape: [8, 8, 1] },
  resnet50: { options: { width: 2, stem: 'small' }, shape: [8, 8, 1] },
  lstm: { options: { units: 4 } },
  bilstm: { options: { units: 3 } },
  conv1d: { options: { channels: [4] } },
  'text-cnn': { options: { vocabulary: 20, embedding: 4, filters: 3 } },
  i3d: { options: { width: 1 / 64, dropout: 0 }, shape: [2, 8, 8, 1] },
  transformer: { options: { width: 8, depth: 1, heads: 2 } },
  bert: { options: { width: 8, depth: 1, heads: 2, feedForward: 12, vocabulary: 50, positions: 12 } },
  'clip-text': { options: { width: 8, depth: 1, heads: 2, feedForward: 12, vocabulary: 50, positions: 12, projection: 6 } },
  'clip-image': { options: { width: 8, depth: 1, heads: 2, feedForward: 12, patch: 8, projection: 6 } },
  frozen: { options: { encoder: { use: 'mlp', hidden: [8], features: 4 } } },
  'ml-lstm': { options: { size: 4, units: 5 } },
  attention: { options: { width: 8, tokens: 1, heads: 2, layers: 1 } },
};
