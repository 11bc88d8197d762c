/** The result as Markdown: what the terminal shows and what stands in docs/benchmarks.md between its markers. */
import { WORKLOADS } from './workloads.mjs';

/** A time in ms as people read it: three digits, seconds from ten seconds on. */
export function time(ms) {
  if (ms === null || ms === undefined) return '-';
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms >= 99.95) return `${Math.round(ms)} ms`;
  return `${ms.toFixed(ms >= 9.995 ? 1 : 2)} ms`;
}

const cell = (value) => (value === null || value === undefined ? '-' : String(value));

function table(heads, rows) {
  return [heads, heads.map((_, i) => (i === 0 ? '---' : '--:')), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}

/** Share of a core that others may use before a row is marked. */
const QUIET = 0.1;
export const isNoisy = ({ otherCores }) => (otherCores ?? 0) > QUIET;

function rowsOf(row) {
  const { id, unit, threads, ours, peer, ratio, hypergradient } = row;
  const label = `${id} ${WORKLOADS[id].title}${isNoisy(row) ? ' \\*' : ''}`;
  const own = [label, unit, threads, time(ours.medianMs), time(peer?.medianMs), cell(ratio), cell(ours.peakMb), cell(peer?.peakMb)];
  if (hypergradient === undefined) return [own];
  const cost = (side) => (side === null || side === undefined ? '-' : `${time(side.medianMs)} = ${side.steps} steps`);
  const { ours: mine, peer: other, ratio: between } = hypergradient;
  return [own, [label, 'hypergradient', threads, cost(mine), cost(other), cell(between), '', '']];
}

function versionsLine({ engine, versions, machine, capture }) {
  const { tensorflow, tfjs, node } = versions.ours;
  const library = tensorflow === undefined ? `TensorFlow.js ${tfjs}` : `TensorFlow ${tensorflow}, TensorFlow.js ${tfjs}`;
  const ours = `engine ${engine.id}${engine.gpu ? ' on a GPU' : ''}${capture ? '' : ' without capture'} (${library}, node ${node})`;
  const peer = versions.peer === null ? 'without a peer' : `beside PyTorch ${versions.peer.torch} (Python ${versions.peer.python})`;
  return `Ours: ${ours}, ${peer}, on ${machine.cores} x ${machine.cpu}.`;
}

/** The table of a run, the command that made it, versions, and what the workloads are. */
export function tableSection(result) {
  const { workloads, command } = result;
  const heads = ['workload', 'unit', 'threads', 'ours', 'PyTorch', 'ours / PyTorch', 'ours, peak MB', 'PyTorch, peak MB'];
  const ids = [...new Set(workloads.map(({ id }) => id))];
  const noisy = workloads.filter(isNoisy).map(({ otherCores }) => otherCores);
  const warning = `\\* Not on a quiet machine: other processes used up to ${Math.max(...noisy)} cores meanwhile. Believe neither side's time.`;
  return [
    versionsLine(result),
    '',
    `Made by \`${command}\`.`,
    '',
    ...table(heads, workloads.flatMap(rowsOf)),
    '',
    ...(noisy.length === 0 ? [] : [warning, '']),
    ...ids.map((id) => `- ${id}: ${WORKLOADS[id].description}.`),
  ].join('\n');
}

/** One line on the memory check. */
export function soakSection({ soak, engine, command }) {
  const { id, threads, marks, growthMbPer1000Steps, tensorsGrown } = soak;
  const [first, last] = [marks[0], marks.at(-1)];
  const rss = (mark) => `${mark.rssMb.toFixed(0)} MB after ${mark.step.toLocaleString('en')} steps`;
  const growth = growthMbPer1000Steps === null ? '' : ` (${growthMbPer1000Steps} MB per 1,000 steps)`;
  const tensors = tensorsGrown === 0 ? `${last.tensors} tensors throughout` : `${first.tensors}, then ${last.tensors} tensors`;
  return `${id}, engine ${engine.id}, ${threads} threads: ${rss(first)}, ${rss(last)}${growth}; ${tensors}. Made by \`${command}\`.`;
}

/**
 * Puts text between `<!-- name:begin -->` and `<!-- name:end -->` of a page.
 *
 * @throws Error when the page does not have both markers
 */
export function replaceSection(page, name, text) {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no ${begin} ... ${end}`);
  return `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`;
}
