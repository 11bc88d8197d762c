import { definePiece, type Encoder } from '@equimodal/core';
import { checkModality } from '../input/input.js';
import { recurrentEncoder, recurrentOptions } from '../lstm/recurrent.js';

const ACCEPTS = ['sequence'] as const;

/**
 * Bidirectional LSTM over a sequence [batch, time, features]: one layer runs forwards, one backwards over each row's real steps, and
 * their states stand side by side. The features are both last states, or the mean of all, [batch, 2 units].
 *
 * Source: Schuster and Paliwal, Bidirectional recurrent neural networks, 1997; Hochreiter and Schmidhuber, Long short-term memory, 1997.
 */
export const bilstm = definePiece({
  kind: 'encoder',
  id: 'bilstm',
  description: 'Bidirectional LSTM: the last or the mean states of both directions over a sequence.',
  facts: { accepts: ACCEPTS },
  options: recurrentOptions,
  create(options, { modality }): Encoder {
    checkModality('bilstm', ACCEPTS, modality);
    return recurrentEncoder(options, modality, [
      { name: 'forward', reverse: false },
      { name: 'backward', reverse: true },
    ]);
  },
});
