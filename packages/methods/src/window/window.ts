import type { Decision, StepContext } from '@equimodal/core';
import { EquimodalError } from '@equimodal/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';

/** Epochs in which a method works, counted from 0, both ends inclusive. */
export interface Window {
  readonly start: number;
  /** Null is the last epoch of the run. */
  readonly end: number | null;
}

/** The options of a window. */
export const windowOptions = {
  start: z.int().min(0).default(0).describe('First epoch in which it works, from 0'),
  end: z.int().min(0).nullable().default(null).describe('Last epoch in which it works, inclusive; null is the last of the run'),
};

/** For `refine` of an options schema with a window. */
export const endsAfterStart = [
  ({ start, end }: Window) => end === null || end >= start,
  { message: 'the window ends before it starts', path: ['end'] },
] as [(window: Window) => boolean, { message: string; path: string[] }];

export const isOpen = ({ start, end }: Window, epoch: number): boolean => epoch >= start && (end === null || epoch <= end);

/** A window as the control `active`, 0 or 1, so that the program stays the same: the method's `controls` and `epochStart`. */
export function windowControl(window: Window) {
  const active = (epoch: number) => ({ active: isOpen(window, epoch) ? 1 : 0 });
  return {
    controls: active(0) as Readonly<Record<string, number>>,
    epochStart: ({ epoch }: { readonly epoch: number }): Decision => ({ controls: active(epoch) }),
  };
}

/**
 * A control of the method that runs, scalar.
 *
 * @throws EQM_PLUGIN_FAULT when it did not reach the step.
 */
export function controlOf({ controls }: Pick<StepContext, 'controls'>, name: string, where: string): Tensor {
  const value = controls[name];
  if (value !== undefined) return value;
  throw new EquimodalError('EQM_PLUGIN_FAULT', `the control "${name}" did not reach the step`, {
    where,
    fix: 'Hand the method its initial controls and those its epochStart returns.',
  });
}
