import { CONTRACT_VERSION, definePlugin } from '@equimodal/core';
import { constantAlpha } from '../constant/constant.js';
import { heuristicAlpha } from '../heuristic/heuristic.js';
import { learnedAlpha } from '../learned/learned.js';
import { stepAlpha } from '../step/step.js';

/** The alpha schedulers of the product: three closed forms and the learned one. */
export const alphaSchedulers = definePlugin({
  name: '@equimodal/alpha-schedulers',
  contractVersion: CONTRACT_VERSION,
  provides: [constantAlpha, stepAlpha, heuristicAlpha, learnedAlpha],
});
