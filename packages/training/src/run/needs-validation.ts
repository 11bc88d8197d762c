import { EquimodalError, type Host, type RecipeConfig } from '@equimodal/core';

const FIX = 'Set training.validationFraction';

/**
 * Refuses a row that works by validation figures where there is no validation split.
 *
 * @throws EQM_DATA_SPLIT naming the setting or the method that needs it.
 */
export function checkValidation(host: Host, { id, training, methods }: RecipeConfig, present: boolean): void {
  if (present) return;
  const refuse = (what: string, where: string, fix: string): never => {
    throw new EquimodalError('EQM_DATA_SPLIT', `${what}, and there is no validation split`, { where, fix });
  };
  if (training.selection === 'validation') {
    refuse('"selection: validation" needs one', 'training.selection', `${FIX}, or choose "selection: last".`);
  }
  if (training.scoreInitial === true) refuse('"scoreInitial" scores validation', 'training.scoreInitial', `${FIX}.`);
  for (const { use } of methods) {
    if (host.piece('method', use).facts.needs?.includes('validation') !== true) continue;
    refuse(`method "${use}" works by validation figures`, `recipe "${id}"`, `${FIX}.`);
  }
}
