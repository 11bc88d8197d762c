import { CONTRACT_VERSION, definePlugin } from '@equimodal/core';
import { constantAlpha } from '../constant/constant.js';
import { exponentialAlpha } from '../exponential/exponential.js';
import { heuristicAlpha } from '../heuristic/heuristic.js';
import { learnedAlpha } from '../learned/learned.js';
import { polynomialAlpha } from '../polynomial/polynomial.js';
import { releasedHvpAlpha } from '../released-hvp/released-hvp.js';
import { replayAlpha } from '../replay/replay.js';
import { stepAlpha } from '../step/step.js';

/** The alpha schedulers of the product: closed forms, recorded curves and learned ones. */
export const alphaSchedulers = definePlugin({
  name: '@equimodal/alpha-schedulers',
  contractVersion: CONTRACT_VERSION,
  provides: [constantAlpha, stepAlpha, heuristicAlpha, exponentialAlpha, polynomialAlpha, replayAlpha, learnedAlpha, releasedHvpAlpha],
});
