import { existsSync } from 'node:fs';
import { differences, type Difference } from '@equimodal/comparison';
import type { Json } from '@equimodal/core';
import { readJson, RunFolder } from '@equimodal/training';
import type { Command } from 'commander';
import { withOutputFlags } from '../options.js';
import { columns, print, printJson } from '../output/print.js';

type Side = Readonly<Record<string, Json>>;

/** What changes from run to run whatever is run: it is no difference of the runs. */
const PASSING = ['started', 'finished', 'config'];

/** `equimodal diff RUN RUN`: how two runs differ, in what they were told and in what came out. */
export function diffCommand(command: Command): void {
  withOutputFlags(command).action((run: string, other: string, flags: { json?: boolean }) => {
    const [a, b] = [read(run), read(other)];
    const settings = differences(a.manifest, b.manifest).filter(({ path }) => !PASSING.includes(path));
    const figures = differences(a.metrics, b.metrics);
    if (flags.json === true) printJson({ settings: settings.map(plain), figures: figures.map(plain) });
    else print(`${section('settings', settings)}\n\n${section('figures', figures)}`);
  });
}

/** @throws EQM_RUN_MISSING if it is not a run folder. */
function read(dir: string): { readonly manifest: Side; readonly metrics: Side } {
  const folder = new RunFolder(dir);
  return { manifest: folder.readManifest(), metrics: existsSync(folder.metrics) ? readJson(folder.metrics, 'EQM_RUN_MISSING') : {} };
}

/** JSON has no undefined: a side without the value is left out by its name being null. */
const plain = ({ path, a, b }: Difference): Json => ({ path, a: a ?? null, b: b ?? null });

function section(name: string, found: readonly Difference[]): string {
  if (found.length === 0) return `${name}: the same`;
  const rows = found.map(({ path, a, b }) => [`  ${path}`, shown(a), shown(b), change(a, b)]);
  return `${name}\n${columns(rows)}`;
}

function shown(value: Json | undefined): string {
  if (value === undefined) return '(nothing)';
  const text = typeof value === 'number' ? String(Number(value.toPrecision(6))) : typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function change(a: Json | undefined, b: Json | undefined): string {
  if (typeof a !== 'number' || typeof b !== 'number') return '';
  const difference = Number((b - a).toPrecision(4));
  return difference >= 0 ? `+${difference}` : String(difference);
}
