import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { EquimodalError, isOutOfMemory, messageOf } from '@equimodal/core';

const named = new WeakSet<Error>();
/** Who made which tensor of the step under way; only while `collectKept` runs. */
let makers: Map<Tensor, string> | undefined;

/** Codes of errors that are a plugin's: they get its name. */
const OF_PLUGINS: readonly string[] = ['EQM_STEP_IMPURE', 'EQM_PLUGIN_FAULT'];

/**
 * What was thrown in a plugin's code, as an error that names it. The innermost name wins; other coded errors stay what they are, and
 * so does memory that ran out, which is nobody's fault in particular.
 *
 * @param who e.g. `method "ogm", hook logits`
 */
export function faultOf(error: unknown, who: string, plugin: string | undefined): Error {
  if (error instanceof EquimodalError && (named.has(error) || !OF_PLUGINS.includes(error.code))) return error;
  if (error instanceof Error && isOutOfMemory(error.message)) return error;
  const from = plugin === undefined ? {} : { where: `plugin "${plugin}"` };
  const told =
    error instanceof EquimodalError
      ? new EquimodalError(error.code, `${who}: ${error.message}`, {
          fix: error.fix,
          cause: error,
          ...(error.where === undefined ? from : { where: error.where }),
        })
      : new EquimodalError('EQM_PLUGIN_FAULT', `${who} threw: ${messageOf(error)}`, { cause: error, ...from });
  named.add(told);
  return told;
}

/**
 * Runs a plugin's code; what it throws, and an impurity that the engine found in it, gets the plugin's name.
 *
 * @param who e.g. `method "ogm", hook logits`
 * @throws EQM_PLUGIN_FAULT or EQM_STEP_IMPURE naming piece and plugin; coded errors of other kinds as they are.
 */
export function attributed<T>(who: string, run: () => T, plugin?: string): T {
  const made = makers === undefined ? undefined : scopeTensors().length;
  try {
    return run();
  } catch (error) {
    throw faultOf(error, who, plugin);
  } finally {
    for (const tensor of made === undefined ? [] : scopeTensors().slice(made)) if (!makers!.has(tensor)) makers!.set(tensor, who);
  }
}

/** The same for code between steps, which may be asynchronous. */
export async function attributedBetween<T>(who: string, run: () => T | Promise<T>, plugin?: string): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw faultOf(error, who, plugin);
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
