import type { RandomStream, Scope, Variables } from '@equimodal/core';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { addBias } from '@equimodal/engine';
import { uniform } from '../initialisers/initialisers.js';
import { checkShape, checkSize } from '../layer/check.js';
import type { Layer } from '../layer/layer.js';

export interface LstmOptions {
  readonly inputs: number;
  readonly units: number;
  /** Return every hidden state [batch, time, units] instead of the last [batch, units]. Default false. */
  readonly returnSequence?: boolean;
}

/** An LSTM layer; `mask` is float32 [batch, time], 1 where a row has input and 0 where it was padded. */
export interface LstmLayer extends Layer {
  apply(scope: Scope, input: Tensor, mask?: Tensor): Tensor;
}

/**
 * Long short-term memory over [batch, time, inputs], from a zero state.
 *
 * i, f, g, o = split(x_t K + b + h R + b_r); c' = sigmoid(f) c + sigmoid(i) tanh(g); h' = sigmoid(o) tanh(c').
 * Where the mask is 0 the state stays, so the last state is that of each row's last real step.
 *
 * Parameters, in PyTorch's gate order i, f, g, o and with its two biases (each gets the gradient, so training steps agree too):
 * `kernel` [inputs, 4 units], `recurrent` [units, 4 units], `bias` and `recurrentBias` [4 units]; uniform within 1 / sqrt(units).
 *
 * Source: Hochreiter and Schmidhuber, 1997; Gers et al., 2000 (forget gate).
 *
 * @throws EQM_PLUGIN_FAULT on sizes that are not positive integers and on another input or mask shape.
 */
export function lstm({ inputs, units, returnSequence = false }: LstmOptions): LstmLayer {
  checkSize(inputs, 'inputs', 'lstm');
  checkSize(units, 'units', 'lstm');
  const draw = uniform(1 / Math.sqrt(units));
  return {
    init: (random: RandomStream): Variables => ({
      params: {
        kernel: draw(random.at('kernel'), [inputs, 4 * units]),
        recurrent: draw(random.at('recurrent'), [units, 4 * units]),
        bias: draw(random.at('bias'), [4 * units]),
        recurrentBias: draw(random.at('recurrentBias'), [4 * units]),
      },
      state: {},
    }),
    apply(scope, input, mask) {
      checkShape(input, [null, null, inputs], scope.path);
      const [batch, time] = input.shape as [number, number, number];
      if (mask !== undefined) checkShape(mask, [batch, time], scope.path);
      const bias = tf.add(scope.param('bias'), scope.param('recurrentBias'));
      // One product for all steps: what comes from the input does not depend on the state.
      const rows = tf.matMul(tf.reshape(input, [batch * time, inputs]) as Tensor2D, scope.param('kernel') as Tensor2D);
      const projected = timeSteps(tf.reshape(addBias(rows, bias), [batch, time, 4 * units]));
      const gates = mask === undefined ? undefined : timeSteps(tf.reshape(mask, [batch, time, 1]));
      const outputs: Tensor[] = [];
      let state: State | undefined;
      for (const [t, x] of projected.entries()) {
        state = step(x, state, scope.param('recurrent'), gates?.[t]);
        if (returnSequence) outputs.push(state.hidden);
      }
      return returnSequence ? tf.stack(outputs, 1) : state!.hidden;
    },
  };
}

/** [batch, time, size] as its steps [batch, size]. */
function timeSteps(sequence: Tensor): Tensor[] {
  const [batch, time, size] = sequence.shape as [number, number, number];
  // The gradient of unstack fails for a single step.
  return time === 1 ? [tf.reshape(sequence, [batch, size])] : tf.unstack(sequence, 1);
}

interface State {
  readonly hidden: Tensor;
  readonly cell: Tensor;
}

function step(projected: Tensor, state: State | undefined, recurrent: Tensor, present: Tensor | undefined): State {
  const total = state === undefined ? projected : tf.add(projected, tf.matMul(state.hidden as Tensor2D, recurrent as Tensor2D));
  const [i, f, g, o] = tf.split(total, 4, 1) as [Tensor, Tensor, Tensor, Tensor];
  const candidate = tf.mul(tf.sigmoid(i), tf.tanh(g));
  const cell = state === undefined ? candidate : tf.add(tf.mul(tf.sigmoid(f), state.cell), candidate);
  const hidden = tf.mul(tf.sigmoid(o), tf.tanh(cell));
  if (present === undefined) return { hidden, cell };
  if (state === undefined) return { hidden: tf.mul(hidden, present), cell: tf.mul(cell, present) };
  const held = (before: Tensor, after: Tensor) => tf.add(before, tf.mul(tf.sub(after, before), present));
  return { hidden: held(state.hidden, hidden), cell: held(state.cell, cell) };
}
