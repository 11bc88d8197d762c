import { InvalidArgumentError, type Command } from 'commander';

/** Flags that several commands share. */
export interface CommonFlags {
  readonly set: readonly string[];
  /** Another experiment file, whose data the rows are trained on. */
  readonly on?: string;
  readonly seeds?: readonly number[];
  readonly recipes?: readonly string[];
  readonly out: string;
  readonly engine?: string;
  readonly dataRoot?: string;
  readonly resume?: boolean;
  readonly retryFailed?: boolean;
  readonly json?: boolean;
  readonly debug?: boolean;
  readonly threads?: number;
  /** False with `--no-capture`. */
  readonly capture?: boolean;
}

/** Flags of `compare`. */
export interface CompareFlags extends CommonFlags {
  readonly jobs?: number;
  readonly dryRun?: boolean;
  readonly inProcess?: boolean;
}

const collect = (value: string, before: readonly string[]): string[] => [...before, value];

export function names(value: string): string[] {
  const list = value.split(',').map((name) => name.trim());
  if (list.some((name) => name === '')) throw new InvalidArgumentError('expected names separated by commas.');
  return list;
}

/** `0,1,2` or `0..4`. */
export function seeds(value: string): number[] {
  const list = value.split(',').flatMap((part): number[] => {
    const range = /^(\d+)\.\.(\d+)$/.exec(part.trim());
    if (range !== null) {
      const [from, to] = [Number(range[1]), Number(range[2])];
      return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
    }
    return /^\d+$/.test(part.trim()) ? [Number(part)] : [NaN];
  });
  if (list.length === 0 || list.some(Number.isNaN)) throw new InvalidArgumentError('expected whole numbers, as 0,1,2 or 0..4.');
  return [...new Set(list)];
}

export function count(value: string): number {
  if (!/^[1-9]\d*$/.test(value)) throw new InvalidArgumentError('expected a whole number, 1 or more.');
  return Number(value);
}

export function wholeNumber(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError('expected a whole number, 0 or more.');
  return Number(value);
}

/** Whole numbers separated by commas. */
export const wholeNumbers = (value: string): number[] => value.split(',').map((part) => wholeNumber(part.trim()));

/** Flags of commands that take an experiment file. */
export function withExperimentFlags(command: Command): Command {
  return withSetFlag(withEngineFlags(command), 'change a setting of the file (repeatable)')
    .option('--on <file>', 'dataset, encoders and training of another experiment file: the same rows on other data')
    .option('--seeds <list>', 'seeds, as 0,1,2 or 0..4', seeds)
    .option('--recipes <list>', 'rows or recipes, separated by commas', names)
    .option('--out <dir>', 'where run folders go', 'runs')
    .option('--resume', 'reuse finished runs and continue unfinished ones')
    .option('--retry-failed', 'with what --resume does, also begin anew what failed by its own doing');
}

/** `--set`, for commands that take settings. */
export function withSetFlag(command: Command, description: string): Command {
  return command.option('--set <path=value>', description, collect, []);
}

/** Flags of commands that start an engine. */
export function withEngineFlags(command: Command): Command {
  return withOutputFlags(command)
    .option('--engine <id>', 'native, wasm or cpu (default: the best usable one)')
    .option('--threads <n>', 'threads of the engine', count)
    .option('--no-capture', 'run every step eagerly instead of replaying it as a graph (slower; for finding faults)')
    .option('--data-root <dir>', 'folder of the datasets (default: EQUIMODAL_DATA)');
}

/** Flags of every command. */
export function withOutputFlags(command: Command): Command {
  return command.option('--json', 'print JSON on standard output').option('--debug', 'stack traces and native log lines');
}

/** The folder of the datasets, from the flag or the environment. */
export function dataRootOf(flags: { readonly dataRoot?: string }): string | undefined {
  return flags.dataRoot ?? (process.env['EQUIMODAL_DATA'] || undefined);
}
