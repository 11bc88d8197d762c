/** Training and honest comparison of multimodal classifiers: what a program that uses Equimodal as a library needs. */
export { openExperiment, type ExperimentInput, type OpenExperiment, type OpenOptions } from './open/open.js';
export { train, type Trained, type TrainOptions } from './train/train.js';
export { compare, type CompareOptions } from './compare/compare.js';
export { builtInHost, main, VERSION } from '@equimodal/cli';
export type { ComparisonResults, Figure, GridEvent, Job, PairedTest, ResultRow, RunCurve } from '@equimodal/comparison';
export {
  ConfigSource,
  CONTRACT_VERSION,
  createToken,
  definePiece,
  definePlugin,
  ENGINE,
  EquimodalError,
  ERROR_CODES,
  Host,
  RANDOM,
  RandomStream,
  resolveExperiment,
  RUN_CONTROLS,
  SIGNALS,
  type Alignment,
  type AlphaScheduler,
  type AnyPiece,
  type Dataset,
  type Encoder,
  type Engine,
  type ErrorCode,
  type Experiment,
  type Facts,
  type Fused,
  type Fusion,
  type Kind,
  type LoadedDataset,
  type Loss,
  type Method,
  type Metric,
  type ModalitySpec,
  type Observer,
  type Piece,
  type Plugin,
  type Predictions,
  type RecipeConfig,
  type RunControls,
  type Scope,
  type Signal,
  type SignalOf,
  type Signals,
  type SignalType,
  type Split,
  type Tree,
  type UseSpec,
  type Variables,
} from '@equimodal/core';
export { fromLayersModel, type LayersModelLike } from '@equimodal/encoders';
export { diagnose, installGradients, selectEngine, type Selection, type SelectOptions } from '@equimodal/engine';
export { infoNce, jensenShannon, meanOverPairs, reverseJensenShannon } from '@equimodal/losses';
export { accuracy, classF1, featureGap, macroF1, meanAveragePrecision, modalityGap } from '@equimodal/metrics';
export { crossEntropy, softmax, stopGradient } from '@equimodal/nn';
export { formatHtml, formatMarkdownTable, formatTerminalTable, writeReport } from '@equimodal/reports';
export {
  exportRun,
  Predictor,
  type ModelDescription,
  type OpenRequest,
  type PredictedSamples,
  type RunMetrics,
  type Samples,
} from '@equimodal/training';
