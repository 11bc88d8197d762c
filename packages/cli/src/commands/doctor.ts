import { availableParallelism } from 'node:os';
import { poolShape } from '@equimodal/comparison';
import { diagnose, formatDoctor } from '@equimodal/engine';
import type { Command } from 'commander';
import { count, withOutputFlags } from '../options.js';
import { print, printJson } from '../output/print.js';

interface DoctorFlags {
  readonly json?: boolean;
  readonly debug?: boolean;
  readonly engine?: string;
  readonly threads?: number;
}

/** `equimodal doctor`: which engine is used here, and why. */
export function doctorCommand(command: Command): void {
  withOutputFlags(command)
    .option('--engine <id>', 'look at this engine')
    .option('--threads <n>', 'threads of the engine', count)
    .action(async (flags: DoctorFlags) => {
      const { debug, engine, threads } = flags;
      const diagnosis = await diagnose({
        debug: debug === true,
        ...(engine === undefined ? {} : { requested: engine }),
        ...(threads === undefined ? {} : { threads }),
      });
      const pool = poolShape(availableParallelism(), { threads });
      if (flags.json === true) printJson({ ...diagnosis, pool });
      else
        print(
          `${formatDoctor(diagnosis)}\ncompare runs ${pool.processes} at a time, ${pool.threads} thread${pool.threads === 1 ? '' : 's'} each`,
        );
    });
}
