export { alphaSchedulers, alphaSchedulers as default } from './plugin/plugin.js';
export { constantAlpha } from './constant/constant.js';
export { stepAlpha } from './step/step.js';
export { heuristicAlpha } from './heuristic/heuristic.js';
export { learnedAlpha, learnedOptions, type LearnedOptions } from './learned/learned.js';
export { hypergradient, type Hypergradient, type HypergradientOptions } from './learned/hypergradient.js';
export { conjugateGradient, type ConjugateGradientOptions } from './solvers/conjugate-gradient.js';
export { identitySolver } from './solvers/identity.js';
export type { LinearMap, Solution } from './solvers/solution.js';
