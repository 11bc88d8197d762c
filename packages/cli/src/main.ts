import { Command, CommanderError } from 'commander';
import { COMMANDS } from './commands.js';
import { VERSION } from './version.js';

/** The command line. Exit status: 0 done, 2 the user's input is wrong, 1 internal, 130 interrupted. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    const program = await programFor(argv.slice(2));
    await program.parseAsync(argv as string[]);
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else process.exitCode = (await import('./failure.js')).reportFailure(error, argv.includes('--debug'));
  }
}

/** The program with the flags and the action of the command that the words name; the others are known by name. */
async function programFor(words: readonly string[]): Promise<Command> {
  const program = new Command('equimodal')
    .description('Train and compare multimodal classifiers.')
    .version(VERSION)
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true });
  const plain = words.filter((word) => !word.startsWith('-'));
  const named = plain[0] === 'help' ? plain[1] : plain[0];
  for (const { usage, description, load } of COMMANDS) {
    const command = program.command(usage).description(description);
    if (command.name() === named) (await load())(command);
  }
  exitOverrideAll(program);
  return program;
}

/** Commander asks each command for itself. */
function exitOverrideAll(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) exitOverrideAll(child);
}
