import type { Chosen, Metric, RunContainer } from '@equimodal/core';
import { attributed, attributedBetween } from '../model/attributed.js';

/** Makes a metric whose errors name it and its plugin. */
export function attributedMetric(container: RunContainer, spec: Chosen): Metric {
  const metric: Metric = container.create('metric', spec, {});
  const [who, plugin] = [`metric "${spec.use}"`, container.pluginOf('metric', spec.use)];
  return {
    key: metric.key,
    ...(metric.predictions && { predictions: (input) => attributed(who, () => metric.predictions!(input), plugin) }),
    ...(metric.features && { features: (input) => attributed(who, () => metric.features!(input), plugin) }),
    ...(metric.probe && { probe: (input) => attributed(who, () => metric.probe!(input), plugin) }),
    ...(metric.conditions && { conditions: (input) => attributedBetween(who, () => metric.conditions!(input), plugin) }),
  };
}
