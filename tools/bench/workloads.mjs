/**
 * What is measured. A workload of steps is one training step: read a batch out of memory, forward, backward, update,
 * read the loss. Batch, sizes and options stand here only; both sides build their networks from this table.
 *
 * `steps`: measured a round. `warmup`: before the first round, not measured.
 */
const SGD = { use: 'sgd', learningRate: 0.01, momentum: 0.9, weightDecay: 1e-4 };

const SMALL_CNNS = {
  batch: 64,
  classes: 10,
  modalities: [
    { name: 'image', kind: 'image', shape: [28, 28, 1] },
    { name: 'audio', kind: 'spectrogram', shape: [112, 112, 1] },
  ],
  encoder: { use: 'lenet', channels: [8, 16, 32, 64, 128], features: 64 },
  optimizer: SGD,
};

export const WORKLOADS = {
  W1: {
    ...SMALL_CNNS,
    unit: 'step',
    title: 'two small CNNs',
    description:
      'two small CNNs (28x28x1 and 112x112x1; stride-2 3x3 convolutions with batch norm and ReLU, 8 to 128 channels), 64 features each, concatenation, 10 classes; batch 64',
    steps: 20,
    warmup: 10,
  },
  W2: {
    unit: 'step',
    title: 'two ResNet-18',
    description: 'two ResNet-18 from scratch (257x188x1 and 224x224x3), concatenation, 6 classes; batch 8',
    batch: 8,
    classes: 6,
    modalities: [
      { name: 'audio', kind: 'spectrogram', shape: [257, 188, 1] },
      { name: 'image', kind: 'image', shape: [224, 224, 3] },
    ],
    encoder: { use: 'resnet18', stem: 'imagenet', width: 64 },
    optimizer: SGD,
    steps: 2,
    warmup: 2,
  },
  W3: {
    unit: 'step',
    title: 'three MLPs',
    description: 'three MLPs (100, 73, 100 -> 256 -> 64), concatenation, 2 classes; batch 64',
    batch: 64,
    classes: 2,
    modalities: [
      { name: 'text', kind: 'vector', shape: [100] },
      { name: 'audio', kind: 'vector', shape: [73] },
      { name: 'video', kind: 'vector', shape: [100] },
    ],
    encoder: { use: 'mlp', hidden: [256], features: 64 },
    optimizer: SGD,
    steps: 200,
    warmup: 50,
  },
  W4: {
    ...SMALL_CNNS,
    unit: 'step',
    title: 'W1 with InfoNCE',
    description:
      'W1 with symmetric cosine InfoNCE (temperature .07, alpha .5), and one hypergradient (conjugate gradients, 5 Hessian-vector products; inner and outer batch 64)',
    alignment: { temperature: 0.07, alpha: 0.5 },
    // The damping keeps the curvature positive on random data, so that every solve makes all its products.
    hypergradient: { products: 5, damping: 20, everySteps: 10 },
    steps: 20,
    warmup: 20,
  },
  W5: {
    unit: 'grid',
    title: 'a grid of 24 runs',
    description:
      'experiments/quickstart.yaml, 8 rows (image alone, audio alone, unimodal-sum, concat, sum, affine, ogm-ge, lfm-h) x 3 seeds, as one command from start to exit, on all cores; batch 64',
    experiment: 'experiments/quickstart.yaml',
    recipes: ['unimodal', 'unimodal-sum', 'concat', 'sum', 'affine', 'ogm-ge', 'lfm-h'],
    rows: 8,
  },
  W6: {
    unit: 'step',
    title: 'BERT-base',
    description:
      'BERT-base from scratch (110 million parameters, dropout .1) on texts of 128 tokens, pooled, 2 classes; AdamW; batch 16. The peer is `BertModel` of transformers',
    batch: 16,
    classes: 2,
    modalities: [{ name: 'text', kind: 'tokens', shape: [128] }],
    encoder: { use: 'bert', depth: 12, width: 768, heads: 12, feedForward: 3072, vocabulary: 30522, positions: 512, dropout: 0.1 },
    optimizer: { use: 'adamw', learningRate: 2e-5, weightDecay: 0.01 },
    steps: 1,
    warmup: 1,
  },
  W7: {
    unit: 'batch',
    title: 'reading files',
    description:
      'a batch of 16 samples from files like those of CREMA-D, read by as many threads (processes of a DataLoader): 2.5 s of WAVE at 16 kHz, resampled to 22.05 kHz, repeated to 3 s, log magnitude 257x188; a JPEG of 480x360, random resized crop to 224x224, flip, normalised; nothing is kept from batch to batch',
    batch: 16,
    files: { rows: 64, seconds: 2.5, rate: 16000, width: 480, height: 360 },
    sound: { rate: 22050, samples: 66150, nFft: 512, hop: 353 },
    image: { size: 224 },
    steps: 10,
    warmup: 4,
  },
};

/** The workload that the memory check repeats. */
export const SOAKED = 'W3';

/** Steps of one epoch of our trainer, and batches that are in memory: their rows are read again and again. */
export const STEPS_PER_EPOCH = 64;
export const BATCHES_IN_MEMORY = 4;
