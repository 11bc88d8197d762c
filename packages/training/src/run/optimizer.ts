import type { OptimizerConfig } from '@equimodal/core';
import { adam, adamw, sgd, type Optimizer } from '@equimodal/nn';

/** The optimizer a config names. */
export function makeOptimizer(config: OptimizerConfig): Optimizer {
  switch (config.use) {
    case 'sgd':
      return sgd(config);
    case 'adam':
      return adam(config);
    case 'adamw':
      return adamw(config);
  }
}

/** The weight decay that is part of what the optimizer minimises, decay / 2 |params|^2; that of AdamW acts beside the objective. */
export function coupledDecay(config: OptimizerConfig): number {
  return config.use === 'adamw' ? 0 : config.weightDecay;
}
