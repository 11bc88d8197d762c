import { ConfigSource, EquimodalError, KINDS, loadPlugin, optionsJsonSchema, suggestion, type Host, type Kind } from '@equimodal/core';
import type { Command } from 'commander';
import { builtInHost } from '../host.js';
import { withOutputFlags } from '../options.js';
import { columns, print, printJson } from '../output/print.js';

interface ListEntry {
  readonly kind: Kind | 'recipe';
  readonly id: string;
  readonly description: string;
  readonly facts: unknown;
  readonly options: unknown;
  readonly plugin: string;
}

const LISTED = [...KINDS, 'recipe'] as const;

/** `equimodal list [KIND]`: what can be named in an experiment. */
export function listCommand(command: Command): void {
  withOutputFlags(command)
    .addHelpText('after', `\nKinds: ${LISTED.join(', ')}`)
    .option('--config <file>', 'an experiment file: what its plugins provide is listed, too')
    .action(async (kind: string | undefined, flags: { json?: boolean; config?: string }) => {
      const wanted = LISTED.find((one) => one === kind || `${one}s` === kind);
      if (kind !== undefined && wanted === undefined) {
        throw new EquimodalError('EQM_CLI_USAGE', `there is no kind "${kind}"; ${suggestion(kind, LISTED)}`);
      }
      const host = builtInHost();
      if (flags.config !== undefined) await addPlugins(host, flags.config);
      const entries = entriesOf(host).filter((entry) => wanted === undefined || entry.kind === wanted);
      if (flags.json === true) printJson(entries);
      else print(format(entries));
    });
}

/** Loads the plugins that an experiment file names; the rest of the file need not be right. */
async function addPlugins(host: Host, file: string): Promise<void> {
  const source = ConfigSource.read(file);
  const named = (source.value as { readonly plugins?: unknown }).plugins ?? [];
  if (!Array.isArray(named) || named.some((name) => typeof name !== 'string')) {
    throw new EquimodalError('EQM_CONFIG_INVALID', '"plugins" must be a list of names and paths', { where: source.locate(['plugins']) });
  }
  for (const [i, name] of (named as string[]).entries()) host.add(await loadPlugin(name, source.baseDir), source.locate(['plugins', i]));
}

function entriesOf(host: Host): ListEntry[] {
  const pieces = host.pieces().map(({ piece, plugin }): ListEntry => {
    const { kind, id, description, facts, options } = piece;
    return { kind, id, description, facts, options: optionsJsonSchema(options), plugin };
  });
  const recipes = host.recipes().map(({ recipe, plugin }): ListEntry => {
    const { id, description, paper, about, ...rest } = recipe;
    const facts = { ...(paper === undefined ? {} : { paper }), ...about };
    return { kind: 'recipe', id, description, facts, options: rest, plugin };
  });
  return [...pieces, ...recipes];
}

function format(entries: readonly ListEntry[]): string {
  return LISTED.flatMap((kind) => {
    const own = entries.filter((entry) => entry.kind === kind);
    return own.length === 0 ? [] : [`${kind}\n${columns(own.map(({ id, description }) => [`  ${id}`, description]))}`];
  }).join('\n\n');
}
