import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { EquimodalError } from '@equimodal/core';

const named = new WeakSet<Error>();
/** Who made which tensor of the step under way; only while `collectKept` runs. */
let makers: Map<Tensor, string> | undefined;

/**
 * Runs a plugin's code; an impurity that the engine found in it gets the plugin's name. The innermost name wins.
 *
 * @param who e.g. `method "ogm", hook logits`
 */
export function attributed<T>(who: string, run: () => T): T {
  const made = makers === undefined ? undefined : scopeTensors().length;
  try {
    return run();
  } catch (error) {
    if (!(error instanceof EquimodalError) || error.code !== 'EQM_STEP_IMPURE' || named.has(error)) throw error;
    const { code, message, fix, where } = error;
    const told = new EquimodalError(code, `${who}: ${message}`, { fix, cause: error, ...(where === undefined ? {} : { where }) });
    named.add(told);
    throw told;
  } finally {
    for (const tensor of made === undefined ? [] : scopeTensors().slice(made)) if (!makers!.has(tensor)) makers!.set(tensor, who);
  }
}

/** Runs something and counts, by plugin, the tensors that outlive it because they were kept by force. */
export function collectKept<T>(run: () => T): { result: T; kept: ReadonlyMap<string, number> } {
  const mine = new Map<Tensor, string>();
  makers = mine;
  try {
    const result = run();
    const kept = new Map<string, number>();
    for (const [tensor, who] of mine) if (isKept(tensor) && !tensor.isDisposed) kept.set(who, (kept.get(who) ?? 0) + 1);
    return { result, kept };
  } finally {
    makers = undefined;
  }
}

function scopeTensors(): readonly Tensor[] {
  const { activeScope } = tf.engine().state as unknown as { activeScope: { track: Tensor[] } | null };
  return activeScope?.track ?? [];
}

const isKept = (tensor: Tensor): boolean => (tensor as unknown as { kept: boolean }).kept;
