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
