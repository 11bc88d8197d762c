import { EquimodalError } from '@equimodal/core';
import { checkRange, checkSize } from '../layer/check.js';

/** Factor on the base learning rate in an epoch (from 0). Pure: a resumed run asks again. */
export type Schedule = (epoch: number) => number;

/** Always 1. */
export function constant(): Schedule {
  return () => 1;
}

export interface StepOptions {
  /** Epochs between drops (StepLR). */
  readonly every?: number;
  /** Epochs at which to drop (MultiStepLR). */
  readonly milestones?: readonly number[];
  /** Default 0.1. */
  readonly factor?: number;
}

/**
 * factor^floor(epoch / every), or factor^(milestones reached). PyTorch's StepLR and MultiStepLR.
 *
 * @throws EQM_PLUGIN_FAULT unless exactly one of `every` and `milestones` is given.
 */
export function step({ every, milestones, factor = 0.1 }: StepOptions): Schedule {
  checkRange(factor, Number.MIN_VALUE, Infinity, 'factor', 'step schedule');
  if ((every === undefined) === (milestones === undefined)) {
    throw new EquimodalError('EQM_PLUGIN_FAULT', 'a step schedule needs either every or milestones', {
      where: 'step schedule',
      fix: 'Give one of the two.',
    });
  }
  if (every !== undefined) {
    checkSize(every, 'every', 'step schedule');
    return (epoch) => factor ** Math.floor(epoch / every);
  }
  return (epoch) => factor ** milestones!.filter((milestone) => milestone <= epoch).length;
}

export interface CosineOptions {
  /** Length of the half wave; afterwards the factor stays at the minimum. */
  readonly epochs: number;
  /** Last factor. Default 0. */
  readonly minimum?: number;
}

/**
 * minimum + (1 - minimum) (1 + cos(pi epoch / epochs)) / 2. PyTorch's CosineAnnealingLR.
 *
 * Source: Loshchilov and Hutter, "SGDR", 2017, equation 5 without restarts.
 */
export function cosine({ epochs, minimum = 0 }: CosineOptions): Schedule {
  checkSize(epochs, 'epochs', 'cosine schedule');
  checkRange(minimum, 0, 1 + Number.EPSILON, 'minimum', 'cosine schedule');
  return (epoch) => minimum + ((1 - minimum) * (1 + Math.cos((Math.PI * Math.min(epoch, epochs)) / epochs))) / 2;
}

export interface WarmUpOptions {
  /** Epochs of warm-up; 0 for none. */
  readonly epochs: number;
  /** Factor in epoch 0. Default 1/3. */
  readonly start?: number;
  /** What follows; it counts its epochs from the end of the warm-up. */
  readonly then: Schedule;
}

/** Linear from `start` to 1, then another schedule: PyTorch's LinearLR in a SequentialLR. */
export function warmUp({ epochs, start = 1 / 3, then }: WarmUpOptions): Schedule {
  checkRange(start, 0, 1 + Number.EPSILON, 'start', 'warm-up');
  return (epoch) => (epoch < epochs ? start + ((1 - start) * epoch) / epochs : then(epoch - epochs));
}
