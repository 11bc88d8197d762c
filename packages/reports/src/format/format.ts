import type { Figure, PairedTest } from '@equimodal/comparison';

/** What a cell shows where there is nothing to show. */
export const NOTHING = '–';

/** The level below which a paired test speaks of a difference. */
export const LEVEL = 0.05;

/** What the paired test allows to say of a row: the difference is above, below, or inside the noise. */
export type Verdict = 'reference' | 'above' | 'below' | 'inside' | 'untested';

/** A fraction as percent with one decimal, without the sign: 0.9012 -> `90.1`. */
export function percent(fraction: number): string {
  if (!Number.isFinite(fraction)) return 'n/a';
  const text = (100 * fraction).toFixed(1);
  return text === '-0.0' ? '0.0' : text;
}

/** A difference of fractions in points of percent, always signed: 0.0147 -> `+1.5`. */
export function points(difference: number): string {
  const text = percent(difference);
  return text === 'n/a' || text.startsWith('-') ? text.replace('-', '−') : `+${text}`;
}

/** The spread that belongs beside a mean: null for one seed, which has none. */
export function spread(figure: Figure): string | null {
  return figure.values.length < 2 ? null : percent(figure.std);
}

/** `90.1 ± 0.3`, or `90.1` for one seed. */
export function meanAndSpread(figure: Figure): string {
  const std = spread(figure);
  return std === null ? percent(figure.mean) : `${percent(figure.mean)} ± ${std}`;
}

/** A p value as papers print it: `.41`, `.012`, `< .001`. */
export function pValue(p: number): string {
  if (p < 0.001) return '< .001';
  const text = p.toFixed(p < 0.1 ? 3 : 2);
  return text.startsWith('0') ? text.slice(1) : text;
}

/** The p value that a verdict rests on: the paired t test's over seeds, after Holm's correction where there is one. */
export function decisive({ holm, pValue: p }: PairedTest): number | null {
  const value = holm ?? p;
  return value === null || Number.isNaN(value) ? null : value;
}

/** Stars as papers print them, by the decisive p value: `***` below .001, `**` below .01, `*` up to .05, else none. */
export function stars(test: PairedTest): string {
  const p = decisive(test);
  if (p === null || p > LEVEL) return '';
  return p < 0.001 ? '***' : p < 0.01 ? '**' : '*';
}

/**
 * What may be said of a row beside the reference. A difference whose p value, after Holm's correction, is above .05, or is not
 * defined (one seed, no variance), is inside the noise.
 */
export function verdict(recipe: string, reference: string | null, test: PairedTest | null): Verdict {
  if (recipe === reference) return 'reference';
  if (test === null || !Number.isFinite(test.difference)) return 'untested';
  const p = decisive(test);
  if (p === null || p > LEVEL) return 'inside';
  return test.difference >= 0 ? 'above' : 'below';
}

/** A count, short: 3_640_000_000 -> `3.6 G`, 11_432_006 -> `11.4 M`, 950 -> `950`. */
export function count(n: number): string {
  if (n >= 1e9) return `${(n / 1e9).toFixed(n >= 1e11 ? 0 : 1)} G`;
  if (n >= 1e6) return `${(n / 1e6).toFixed(n >= 1e8 ? 0 : 1)} M`;
  if (n >= 1e4) return `${(n / 1e3).toFixed(0)} k`;
  return grouped(n);
}

/** A whole number with commas: 3721 -> `3,721`. */
export function grouped(n: number): string {
  return Math.round(n)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Seconds: one decimal below ten, whole above. */
export function seconds(s: number): string {
  return s < 10 ? s.toFixed(1) : grouped(s);
}

/** A wall time in words that people use: `42 s`, `12 min`, `3 h 05 min`. */
export function duration(s: number): string {
  if (s < 90) return `${seconds(s)} s`;
  const minutes = Math.round(s / 60);
  if (minutes < 90) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** `a`, `a and b`, `a, b and c`. */
export function list(items: readonly string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** `1 seed`, `3 seeds`. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}
