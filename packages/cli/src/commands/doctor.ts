import { diagnose, formatDoctor } from '@equimodal/engine';
import type { Command } from 'commander';
import { withOutputFlags } from '../options.js';
import { print, printJson } from '../output/print.js';

/** `equimodal doctor`: which engine is used here, and why. */
export function doctorCommand(program: Command): void {
  withOutputFlags(program.command('doctor').description('which engine is used here, and why'))
    .option('--engine <id>', 'look at this engine')
    .action(async (flags: { json?: boolean; debug?: boolean; engine?: string }) => {
      const report = await diagnose({ debug: flags.debug === true, ...(flags.engine === undefined ? {} : { requested: flags.engine }) });
      if (flags.json === true) printJson(report);
      else print(formatDoctor(report));
    });
}
