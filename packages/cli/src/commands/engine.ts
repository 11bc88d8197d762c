import { linkNative } from '@equimodal/engine';
import { Option, type Command } from 'commander';
import { withOutputFlags } from '../options.js';
import { note, print, printJson } from '../output/print.js';

/** `equimodal engine link`: prepares the native engine. */
export function engineCommand(command: Command): void {
  withOutputFlags(command.command('link').description('link the native engine to a TensorFlow library (official binary or Python wheel)'))
    .addOption(new Option('--from <source>', 'where the library comes from').choices(['auto', 'official', 'wheel']).default('auto'))
    .option('--wheel <file>', 'a TensorFlow wheel on this machine')
    .option('--force', 'link again even if it is linked')
    .action(async (flags: { from: 'auto' | 'official' | 'wheel'; wheel?: string; force?: boolean; json?: boolean }) => {
      const linked = await linkNative({
        onProgress: note,
        from: flags.from,
        ...(flags.wheel === undefined ? {} : { wheel: flags.wheel }),
        ...(flags.force === undefined ? {} : { force: flags.force }),
      });
      if (flags.json === true) printJson(linked);
      else print(`native engine ready: TensorFlow ${linked.tensorflow} (${linked.origin})`);
    });
}
