import { EquimodalError, suggestion, type Host, type RecipeConfig } from '@equimodal/core';
import type { Model } from '../model/model.js';

/** Refuses to evaluate a row without modalities that it cannot do without. @throws EQM_CONFIG_INCOMPATIBLE saying why. */
export function checkWithout(host: Host, recipe: RecipeConfig, { methods }: Pick<Model, 'methods'>, without: readonly string[]): void {
  if (without.length === 0) return;
  const refuse = (message: string, fix: string): never => {
    throw new EquimodalError('EQM_CONFIG_INCOMPATIBLE', message, { where: `recipe "${recipe.id}"`, fix });
  };
  const { modalities, fusion } = recipe;
  const stranger = without.find((name) => !modalities.includes(name));
  if (stranger !== undefined) {
    refuse(`the run has no modality "${stranger}"; ${suggestion(stranger, modalities)}`, `Name some of ${modalities.join(', ')}.`);
  }
  if (modalities.every((name) => without.includes(name))) {
    refuse('no modality is left', `Leave at least one of ${modalities.join(', ')}.`);
  }
  const { missing } = host.piece('fusion', fusion.use).facts;
  if (missing !== undefined) {
    refuse(`fusion "${fusion.use}" cannot do without a modality. ${missing}`, 'Evaluate with all, or train with another fusion.');
  }
  const predicting = methods.find(({ method }) => method.predict !== undefined);
  if (predicting !== undefined) {
    refuse(`method "${predicting.id}" predicts in its own way, from all modalities`, 'Evaluate with all, or another row.');
  }
}
