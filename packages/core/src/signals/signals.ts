/** Numbers by name, e.g. a loss per term or a norm per modality. */
export type Numbers = Readonly<Record<string, number>>;

/** Final figures of one split. Accuracy, F1 and average precision are fractions in [0, 1]. */
export interface SplitMetrics {
  readonly accuracy?: number;
  readonly macroF1?: number;
  readonly map?: number;
  readonly modalityGap?: number | null;
  readonly loss?: number;
  readonly perModality: Readonly<Record<string, Numbers>>;
  readonly [metric: string]: unknown;
}

/** What each signal carries: numbers and short texts only, never a live tensor. */
export interface SignalMap {
  'run.started': {
    readonly experiment: string;
    readonly recipe: string;
    readonly seed: number;
    readonly engine: string;
    readonly epochs: number;
    readonly stepsPerEpoch: number;
    readonly trainSize: number;
    readonly modalities: readonly string[];
    readonly parameters: Numbers;
    readonly resumedAtStep: number;
  };
  /** Before the first step, where `training.scoreInitial` asks for it. */
  'initial.scored': { readonly validation: SplitMetrics };
  'epoch.started': { readonly epoch: number; readonly learningRate: number; readonly alpha: number };
  /** `losses` are unweighted terms; `total` is what was differentiated; `reports` come from methods. */
  'step.completed': {
    readonly epoch: number;
    readonly step: number;
    readonly total: number;
    readonly losses: Numbers;
    readonly alpha: number;
    readonly learningRate: number;
    readonly batchSize: number;
    readonly reports: Numbers;
  };
  'alpha.updated': {
    readonly epoch: number;
    readonly step: number;
    readonly alpha: number;
    readonly previous: number;
    readonly details: Numbers;
  };
  /** At the first step of an epoch: norm of the classification (and alignment) gradient per modality's encoder, and the cosine between the two. */
  'gradients.measured': {
    readonly epoch: number;
    readonly step: number;
    readonly norm: Numbers;
    readonly cosine: Numbers;
  };
  'control.applied': {
    readonly epoch: number;
    readonly step: number;
    readonly control: string;
    readonly value: number | string;
    readonly source: string;
  };
  'epoch.completed': {
    readonly epoch: number;
    readonly trainLoss: number;
    readonly losses: Numbers;
    readonly validation: SplitMetrics | null;
    readonly seconds: number;
    readonly samplesPerSecond: number;
    readonly improved: boolean;
  };
  'checkpoint.saved': { readonly epoch: number; readonly step: number; readonly kind: 'latest' | 'best' | 'kept' };
  warning: { readonly source: string; readonly message: string };
  'run.completed': {
    readonly status: 'completed' | 'stopped' | 'interrupted' | 'failed';
    readonly reason: string;
    readonly epochs: number;
    readonly seconds: number;
    readonly test: SplitMetrics | null;
  };
}

export type SignalType = keyof SignalMap;

/** One record on the bus: its type, its position in the run's order, and its payload. */
export type SignalOf<T extends SignalType> = Readonly<{ type: T; index: number } & SignalMap[T]>;
export type Signal = { [T in SignalType]: SignalOf<T> }[SignalType];

/** The names of all signals, for documentation and checks. */
export const SIGNAL_TYPES = [
  'run.started',
  'initial.scored',
  'epoch.started',
  'step.completed',
  'alpha.updated',
  'gradients.measured',
  'control.applied',
  'epoch.completed',
  'checkpoint.saved',
  'warning',
  'run.completed',
] as const satisfies readonly SignalType[];
