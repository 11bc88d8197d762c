import { EquimodalError, messageOf } from '@equimodal/core';
import { JobError } from '@equimodal/comparison';
import { Command, CommanderError } from 'commander';
import { cacheCommand } from './commands/cache.js';
import { compareCommand } from './commands/compare.js';
import { dataCommand } from './commands/data.js';
import { diffCommand } from './commands/diff.js';
import { doctorCommand } from './commands/doctor.js';
import { engineCommand } from './commands/engine.js';
import { evaluateCommand } from './commands/evaluate.js';
import { explainCommand } from './commands/explain.js';
import { exportCommand } from './commands/export.js';
import { listCommand } from './commands/list.js';
import { reportCommand } from './commands/report.js';
import { runsCommand } from './commands/runs.js';
import { newCommand } from './commands/new.js';
import { predictCommand } from './commands/predict.js';
import { trainCommand } from './commands/train.js';
import { VERSION } from './host.js';

/** The command line. Exit status: 0 done, 2 the user's input is wrong, 1 internal, 130 interrupted. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('equimodal')
    .description('Train and compare multimodal classifiers.')
    .version(VERSION)
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  for (const add of [
    trainCommand,
    compareCommand,
    reportCommand,
    runsCommand,
    diffCommand,
    evaluateCommand,
    explainCommand,
    predictCommand,
    exportCommand,
    listCommand,
    newCommand,
    doctorCommand,
    engineCommand,
    cacheCommand,
    dataCommand,
  ])
    add(program);
  exitOverrideAll(program);
  try {
    await program.parseAsync(argv as string[]);
  } catch (error) {
    process.exitCode = report(error, argv.includes('--debug'));
  }
}

/** Commander asks each command for itself. */
function exitOverrideAll(command: Command): void {
  for (const child of command.commands) exitOverrideAll(child.exitOverride());
}

/** Prints an error and returns the exit status it stands for. */
function report(error: unknown, debug: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof EquimodalError) {
    process.stderr.write(`${error.format()}\n`);
    if (debug) process.stderr.write(`${error.stack ?? ''}\n`);
    return error.isUserError ? 2 : 1;
  }
  if (error instanceof JobError) {
    process.stderr.write(`${error.failure.text}\n`);
    if (debug) process.stderr.write(`${error.failure.stack ?? ''}\n`);
    return error.failure.code === 'EQM_INTERNAL' ? 1 : 2;
  }
  process.stderr.write(
    `EQM_INTERNAL: ${messageOf(error)}\n  This is a defect of equimodal; run again with --debug and report the stack trace.\n`,
  );
  if (debug && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  return 1;
}
