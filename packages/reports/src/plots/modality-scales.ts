import type { ComparisonResults } from '@equimodal/comparison';
import { COLORS, DASHES, SERIES } from './theme.js';

/** The series of the fused output, of all modalities. */
export const FUSED = 'fused';

/** The colour, and in line plots the dash, of the fused output and of each modality; the same in all plots. */
export function modalityScales(modalities: readonly string[]): {
  color: Record<string, unknown>;
  dash: Record<string, unknown>;
} {
  const domain = [FUSED, ...modalities];
  const of = (first: unknown, range: readonly unknown[]): Record<string, unknown> => ({
    field: 'series',
    type: 'nominal',
    sort: domain,
    scale: { domain, range: domain.map((_, i) => (i === 0 ? first : range[(i - 1) % range.length])) },
  });
  return { color: of(COLORS.ink, SERIES), dash: of([1, 0], DASHES) };
}

/** The dataset's modalities that have a figure of this name in some row, then others that have one. */
export function modalitiesWith({ dataset, rows }: ComparisonResults, figure: string): string[] {
  const measured = rows.flatMap(({ metrics }) =>
    Object.keys(metrics).flatMap((key) => (key.startsWith(`${figure}/`) ? [key.slice(figure.length + 1)] : [])),
  );
  return [...new Set([...dataset.modalities, ...measured])].filter((name) => measured.includes(name));
}
