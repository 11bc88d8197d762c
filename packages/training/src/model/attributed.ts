import { EquimodalError } from '@equimodal/core';

const known = new WeakSet<Error>();

/**
 * Runs a plugin's code; an impurity that the engine found in it gets the plugin's name. The innermost name wins.
 *
 * @param who e.g. `method "ogm", hook logits`
 */
export function attributed<T>(who: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof EquimodalError) || error.code !== 'EQM_STEP_IMPURE' || known.has(error)) throw error;
    const { code, message, fix, where } = error;
    const named = new EquimodalError(code, `${who}: ${message}`, { fix, cause: error, ...(where === undefined ? {} : { where }) });
    known.add(named);
    throw named;
  }
}
