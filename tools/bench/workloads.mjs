/**
 * What is measured: one training step (forward, backward, SGD with momentum and weight decay), and one read of the loss.
 * The peer builds the same networks from the same table.
 */
export const WORKLOADS = {
  W1: {
    description:
      'two small CNNs (28x28x1 and 112x112x1; stride-2 3x3 convolutions with batch norm and ReLU, 8 to 128 channels), 64-d features, concat, 10 classes',
    batch: 64,
    classes: 10,
    modalities: [
      { name: 'image', kind: 'image', shape: [28, 28, 1] },
      { name: 'audio', kind: 'spectrogram', shape: [112, 112, 1] },
    ],
    encoder: { use: 'lenet', channels: [8, 16, 32, 64, 128], features: 64 },
  },
  W3: {
    description: 'three MLPs (100, 73, 100 -> 256 -> 64), concat, 2 classes',
    batch: 64,
    classes: 2,
    modalities: [
      { name: 'text', kind: 'vector', shape: [100] },
      { name: 'audio', kind: 'vector', shape: [73] },
      { name: 'video', kind: 'vector', shape: [100] },
    ],
    encoder: { use: 'mlp', hidden: [256], features: 64 },
  },
};
