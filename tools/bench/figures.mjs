/** From measured times to rows of the result: medians, quartiles, ratios. */

/** The value below which a share of the values lies, interpolated between neighbours (as numpy's `quantile`). */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return below + (above - below) * (at - Math.floor(at));
}

export function median(values) {
  return quantile(values, 0.5);
}

const rounded = (value, digits) => Number(value.toFixed(digits));

/** Median and quartiles of times in ms, to a hundredth. */
export function summary(times) {
  const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => rounded(quantile(times, share), 2));
  return { medianMs: middle, quartilesMs: [low, high], count: times.length };
}

const megabytes = (value) => (value === null ? null : Math.round(value));
const ratioOf = (ours, peer) => (peer === null ? null : rounded(median(ours.times) / median(peer.times), 2));

/**
 * One row of the result.
 *
 * @param ours {{ times: number[], updates?: number[], peakMb: number | null }} times in ms; `updates`: of steps that
 * began with a hypergradient
 * @param peer the same and `name`, or null
 */
export function row({ id, unit, threads }, ours, peer) {
  const side = ({ times, peakMb }) => ({ ...summary(times), peakMb: megabytes(peakMb) });
  const result = {
    id,
    unit,
    threads,
    ours: side(ours),
    peer: peer === null ? null : { name: peer.name, ...side(peer) },
    ratio: ratioOf(ours, peer),
  };
  if ((ours.updates ?? []).length === 0) return result;
  const [mine, other] = [ours, peer].map((measured) => (measured === null ? null : hypergradient(measured)));
  return {
    ...result,
    hypergradient: { ours: mine, peer: other, ratio: other === null ? null : rounded(mine.medianMs / other.medianMs, 2) },
  };
}

/** The cost of one hypergradient: what a step that begins with one takes longer, in ms and as a multiple of a step. */
function hypergradient({ times, updates }) {
  const step = median(times);
  const cost = updates.map((time) => time - step);
  return { ...summary(cost), steps: rounded(median(cost) / step, 2) };
}

/**
 * Resident memory over a long training.
 *
 * @param marks {{ step: number, rssMb: number, tensors: number }[]}
 */
export function soakResult({ id, threads }, marks) {
  const [first, last] = [marks[0], marks.at(-1)];
  const thousands = (last.step - first.step) / 1000;
  return {
    id,
    threads,
    marks: marks.map(({ step, rssMb, tensors }) => ({ step, rssMb: rounded(rssMb, 1), tensors })),
    growthMbPer1000Steps: thousands === 0 ? null : rounded((last.rssMb - first.rssMb) / thousands, 2),
    tensorsGrown: last.tensors - first.tensors,
  };
}
