import { join } from 'node:path';
import {
  definePiece,
  EquimodalError,
  type Json,
  type Numbers,
  type Observer,
  type ObserverContext,
  type Signal,
  type SignalOf,
  type Signals,
  type SplitMetrics,
} from '@equimodal/core';
import type { Subscription } from 'rxjs';
import { z } from 'zod';
import { CsvTable, type Row } from './csv-table.js';

const tableState = z.object({ bytes: z.int().min(0), columns: z.array(z.string()).nullable() });
const savedSchema = z.object({ epochs: tableState, steps: tableState });

interface Tables {
  readonly epochs: CsvTable;
  readonly steps: CsvTable;
}

/** Figures of epochs and steps as tables. */
class CsvObserver implements Observer {
  readonly #tables: Tables | undefined;
  #subscription: Subscription | undefined;
  /** Alpha and learning rate at the start of the epoch under way. */
  #start: { readonly alpha: number; readonly learningRate: number } | undefined;

  constructor({ runDir }: ObserverContext) {
    if (runDir !== undefined)
      this.#tables = { epochs: new CsvTable(join(runDir, 'epochs.csv')), steps: new CsvTable(join(runDir, 'steps.csv')) };
  }

  start(signals: Signals): void {
    const tables = this.#tables;
    if (tables === undefined) return;
    this.#subscription = signals.all$.subscribe((signal) => this.#take(tables, signal));
  }

  #take({ epochs, steps }: Tables, signal: Signal): void {
    if (signal.type === 'run.started') {
      const mode = signal.resumedAtStep > 0 ? 'continue' : 'fresh';
      epochs.open(mode);
      steps.open(mode);
    } else if (signal.type === 'epoch.started') {
      this.#start = signal;
    } else if (signal.type === 'step.completed') {
      // An epoch that was resumed half-way does not start again.
      this.#start ??= signal;
      put(steps, stepRow(signal));
    } else if (signal.type === 'epoch.completed') {
      const { alpha, learningRate } = this.#start ?? {};
      this.#start = undefined;
      steps.write();
      try {
        put(epochs, epochRow(signal, alpha, learningRate));
      } finally {
        epochs.write();
      }
    }
  }

  flush(): void {
    this.#tables?.epochs.flush();
    this.#tables?.steps.flush();
  }

  stop(): void {
    this.#subscription?.unsubscribe();
    try {
      this.#tables?.epochs.close();
    } finally {
      this.#tables?.steps.close();
    }
  }

  state(): Json {
    if (this.#tables === undefined) return null;
    const plain = ({ bytes, columns }: ReturnType<CsvTable['state']>): Json => ({ bytes, columns });
    return { epochs: plain(this.#tables.epochs.state()), steps: plain(this.#tables.steps.state()) };
  }

  restore(state: Json): void {
    if (this.#tables === undefined) return;
    const saved = savedSchema.safeParse(state);
    if (!saved.success)
      throw new EquimodalError('EQM_CHECKPOINT_MISMATCH', 'the state in the checkpoint is not that of the observer "csv"', {
        where: 'observer "csv"',
      });
    this.#tables.epochs.restore(saved.data.epochs);
    this.#tables.steps.restore(saved.data.steps);
  }
}

/** Writes a row. Throws, after it is written, to have the bus warn of columns that came too late. */
function put(table: CsvTable, row: Row): void {
  const late = table.row(row);
  if (late.length === 0) return;
  throw new EquimodalError(
    'EQM_PLUGIN_FAULT',
    `${table.name} leaves out ${late.map((column) => `"${column}"`).join(', ')}: its columns are those of its first row`,
    {
      where: 'observer "csv"',
      fix: 'The observer "jsonl" has every figure.',
    },
  );
}

function stepRow({ epoch, step, total, losses, alpha, learningRate, batchSize, reports }: SignalOf<'step.completed'>): Row {
  return { epoch, step, total, ...under('losses', losses), alpha, learningRate, batchSize, ...under('reports', reports) };
}

function epochRow(signal: SignalOf<'epoch.completed'>, alpha: number | undefined, learningRate: number | undefined): Row {
  const { epoch, trainLoss, losses, validation, seconds, samplesPerSecond, improved } = signal;
  return {
    epoch,
    alpha,
    learningRate,
    trainLoss,
    ...under('losses', losses),
    ...metricCells('validation', validation),
    improved,
    seconds,
    samplesPerSecond,
  };
}

/** Every figure of a split: those of the whole, then those of each modality. */
function metricCells(head: string, metrics: SplitMetrics | null): Row {
  if (metrics === null) return {};
  const { perModality, ...whole } = metrics;
  const figures = Object.fromEntries(
    Object.entries(whole).filter((entry): entry is [string, number | null] => entry[1] === null || typeof entry[1] === 'number'),
  );
  return Object.assign(
    {},
    under(head, figures),
    ...Object.entries(perModality).map(([modality, own]) => under(`${head}.${modality}`, own)),
  ) as Row;
}

function under(head: string, numbers: Numbers | Readonly<Record<string, number | null>>): Row {
  return Object.fromEntries(Object.entries(numbers).map(([name, value]) => [`${head}.${name}`, value]));
}

/** `<runDir>/epochs.csv` and `<runDir>/steps.csv`. Without a run folder it does nothing. */
export const csvObserver = definePiece({
  kind: 'observer',
  id: 'csv',
  description: 'writes epochs.csv and steps.csv, one row an epoch or step',
  facts: {},
  options: z.object({}),
  create: (_options, context) => new CsvObserver(context),
});
