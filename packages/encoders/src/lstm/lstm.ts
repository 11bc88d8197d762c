import { definePiece, type Encoder } from '@equimodal/core';
import { checkModality } from '../input/input.js';
import { recurrentEncoder, recurrentOptions } from './recurrent.js';

const ACCEPTS = ['sequence'] as const;

/**
 * Long short-term memory over a sequence [batch, time, features]; the features are its last state or the mean of its states,
 * [batch, units]. Gates, biases and start as in PyTorch.
 *
 * Source: Hochreiter and Schmidhuber, Long short-term memory, 1997.
 */
export const lstm = definePiece({
  kind: 'encoder',
  id: 'lstm',
  description: 'Long short-term memory: the last or the mean state over a sequence.',
  facts: { accepts: ACCEPTS },
  options: recurrentOptions,
  create(options, { modality }): Encoder {
    checkModality('lstm', ACCEPTS, modality);
    return recurrentEncoder(options, modality, [{ name: '', reverse: false }]);
  },
});
