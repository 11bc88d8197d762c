import type { AlphaScheduler, Method } from '@equimodal/core';
import type { Model } from '../model/model.js';

/** Hooks by which a method changes what training minimises or how it gets there. */
const HOOKS = ['plan', 'exchange', 'features', 'logits', 'losses', 'gradients', 'update'] as const satisfies readonly (keyof Method)[];

/** What a reader of a learned alpha should know: each method whose part in training its bilevel problem does not see. */
export function unseenByBilevel(scheduler: AlphaScheduler | null, { methods }: Pick<Model, 'methods'>): string[] {
  if (scheduler?.outer === undefined) return [];
  return methods.flatMap(({ id, method }) => {
    const hooks = HOOKS.filter((hook) => method[hook] !== undefined);
    if (hooks.length === 0) return [];
    return [
      `alpha is learned as if the losses of the row alone were trained: what method "${id}" does (${hooks.join(', ')}) is not part of its bilevel problem`,
    ];
  });
}
