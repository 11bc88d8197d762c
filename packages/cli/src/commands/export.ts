import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EquimodalError } from '@equimodal/core';
import { selectEngine } from '@equimodal/engine';
import { describeModel, exportGraph, exportRun } from '@equimodal/training';
import type { Command } from 'commander';
import { hostWithPlugins } from '../host.js';
import { count, dataRootOf, withEngineFlags } from '../options.js';
import { print, printJson } from '../output/print.js';
import { startEngine } from '../session.js';

interface ExportFlags {
  readonly graphModel?: boolean;
  readonly batchSize?: number;
  readonly engine?: string;
  readonly threads?: number;
  readonly dataRoot?: string;
  readonly json?: boolean;
  readonly debug?: boolean;
}

/** `equimodal export RUN_DIR FOLDER`: the selected model of a run, as files that others can use. */
export function exportCommand(command: Command): void {
  withEngineFlags(command)
    .option('--graph-model', 'also write graph-model/model.json for tf.loadGraphModel, which needs none of our packages')
    .option('--batch-size <n>', 'the size of the batches that the graph model takes (default: any)', count)
    .action(exportModel);
}

async function exportModel(dir: string, out: string, flags: ExportFlags): Promise<void> {
  if (existsSync(out) && readdirSync(out).length > 0) {
    throw new EquimodalError('EQM_CLI_USAGE', `${resolve(out)} is there already and is not empty`, {
      fix: 'Choose another folder; nothing was written.',
    });
  }
  const host = await hostWithPlugins(describeModel(dir).experiment);
  // Without a graph tensors are only copied, which every engine can.
  const engine = flags.graphModel === true ? await startEngine(host, flags) : (await selectEngine({ requested: 'cpu' })).engine;
  const request = { host, engine, dataRoot: dataRootOf(flags) };
  const { batchSize } = flags;
  const graph =
    flags.graphModel === true
      ? await exportGraph(dir, join(out, 'graph-model'), { ...request, ...(batchSize === undefined ? {} : { batchSize }) })
      : undefined;
  const files = [...(await exportRun(dir, out, request)), ...(graph?.files ?? [])];
  if (flags.json === true) {
    printJson({
      files,
      ...(graph === undefined ? {} : { graphModel: { batch: graph.batch, largestDifference: graph.largestDifference } }),
    });
    return;
  }
  print(`wrote\n${files.map((file) => `  ${file}`).join('\n')}`);
  if (graph === undefined) return;
  const batches = graph.batch < 0 ? 'batches of any size' : `batches of ${graph.batch}`;
  print(
    `the graph model takes ${batches}; run beside the model its outputs differed by at most ${graph.largestDifference.toExponential(1)}`,
  );
}
