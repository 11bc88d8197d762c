/** A piece of a line with its colour, if it has one. */
export interface Segment {
  readonly text: string;
  readonly style?: 'bold' | 'dim' | 'cyan' | 'green' | 'yellow' | 'red';
}

/** A duration in seconds, for people: `4s`, `3m 05s`, `2h 07m`, `1d 03h`. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${two(whole % 60)}s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)}h ${two(Math.floor((whole % 3600) / 60))}m`;
  return `${Math.floor(whole / 86_400)}d ${two(Math.floor((whole % 86_400) / 3600))}h`;
}

/** A figure to four significant digits. */
export function formatFigure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e5 || size < 1e-3)) return value.toExponential(2);
  return value.toFixed(size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3);
}

/** Samples a second. */
export function formatRate(perSecond: number): string {
  if (!Number.isFinite(perSecond)) return '? samples/s';
  return `${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)} samples/s`;
}

/** A bar of that many cells, filled in eighths. */
export function formatBar(fraction: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, fraction)) * width * 8);
  const full = Math.floor(eighths / 8);
  const part = eighths % 8 === 0 ? '' : '▏▎▍▌▋▊▉'[(eighths % 8) - 1]!;
  return `${'█'.repeat(full)}${part}`.padEnd(width, '░');
}

/** Total loss and its terms: `loss 1.250 (classification 1.500, alignment 1.000)`. */
export function formatLosses(total: number, terms: Readonly<Record<string, number>>): string {
  const parts = Object.entries(terms).map(([name, value]) => `${name} ${formatFigure(value)}`);
  return `loss ${formatFigure(total)}${parts.length === 0 ? '' : ` (${parts.join(', ')})`}`;
}

/** At most `width` characters; what does not fit ends in an ellipsis. */
export function fit(segments: readonly Segment[], width: number): Segment[] {
  const out: Segment[] = [];
  let left = width;
  const total = segments.reduce((sum, { text }) => sum + text.length, 0);
  if (total <= width) return [...segments];
  for (const segment of segments) {
    if (segment.text.length >= left) {
      out.push({ ...segment, text: `${segment.text.slice(0, Math.max(0, left - 1))}…` });
      break;
    }
    out.push(segment);
    left -= segment.text.length;
  }
  return out;
}
