import { definePiece } from '@equimodal/core';
import { crossEntropy } from '@equimodal/nn';
import { z } from 'zod';

/** The loss `cross-entropy`: mean over the batch of -sum_k target_k log softmax(logits)_k, in nats. */
export const crossEntropyLoss = definePiece({
  kind: 'loss',
  id: 'cross-entropy',
  description: 'Softmax cross entropy, with label smoothing if asked',
  facts: {},
  options: z.object({
    smoothing: z
      .number()
      .min(0)
      .max(1)
      .default(0)
      .describe('Label smoothing: the target is (1 - smoothing) one-hot + smoothing / classes; 1 is the uniform target, without labels'),
  }),
  create: ({ smoothing }) => ({
    compute: ({ logits, labels, sampleWeights }) => crossEntropy(logits, labels, { smoothing, sampleWeights }),
  }),
});
