export { EquimodalError, messageOf, type ErrorDetails, type Problem } from './errors/errors.js';
export { ERROR_CODES, type CodeEntry, type ErrorCode } from './errors/codes.js';
export { closest, suggestion } from './text/suggest.js';
export { hashKey, RandomStream } from './random/random.js';
export { calibrationError, pooledBins, reliabilityBins, type ReliabilityBins } from './calibration/reliability.js';
export { SignalBus, type Signals } from './signals/bus.js';
export * from './signals/signals.js';
export * from './contracts/index.js';
export { createToken, ENGINE, PIECES, RANDOM, RUN_CONTROLS, SIGNALS, type PieceMaker, type Token } from './plugin/tokens.js';
export * from './plugin/pieces.js';
export { CONTRACT_VERSION, definePlugin, isPlugin, type Plugin, type Requirement } from './plugin/plugin.js';
export { Host, RunContainer, type Chosen, type RunServices } from './plugin/host.js';
export { loadPlugin } from './plugin/load.js';
export { ConfigSource, formatPath, type ConfigPath } from './config/source.js';
export {
  experimentSchema,
  recipeSchema,
  trainingSchema,
  type OptimizerConfig,
  type RecipeInput,
  type ScheduleConfig,
  type TrainingConfig,
} from './config/schema.js';
export {
  asChosen,
  optionsJsonSchema,
  resolveExperiment,
  type Experiment,
  type ExperimentChoices,
  type LossChoice,
  type RecipeConfig,
} from './config/experiment.js';
export { encoderChain, encoderChosen, type EncoderChoice, type EncoderRate, type Pretrained } from './config/encoder.js';
export { choiceOf } from './config/nested.js';
export type { UseSpec } from './config/use.js';
export { datasetChosen, type DatasetChoice, type Protocol } from './config/dataset.js';
export { resolveDataset, type ChosenDataset } from './config/resolve-dataset.js';
export { checkNames, pickNames } from './split/names.js';
export { chooseRows, foldRows, type PartOptions } from './split/split.js';
export { cacheFolder } from './cache/folder.js';
export { cacheFiles, type CacheFile } from './cache/files.js';
export { isOutOfMemory } from './errors/out-of-memory.js';
export { diskFull, isDiskFull, writeAtomically } from './files/atomic.js';
export type { RowSearch, Sweep, Trial } from './sweep/sweep.js';
export type { Dimension, Space } from './sweep/schema.js';
export type { Point } from './sweep/points.js';
