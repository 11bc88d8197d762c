import type { ModalitySpec } from '@equimodal/core';
import { escapeXml, label } from '../contact-sheet/contact-sheet.js';
import { encodePng } from '../contact-sheet/png.js';
import { fitText, FONT_FAMILY } from '../plots/font.js';
import { COLORS } from '../plots/theme.js';
import { overlay, type HeatPlane } from './overlay.js';

const CELL = { width: 132, height: 132, gap: 12, words: 34 } as const;
const LABEL_WIDTH = 190;
const MARGIN = 16;
const HEAD = 84;

/** A sample under one run: what it is and what the model says of it after each number of epochs. */
export interface ExplanationRow {
  /** The run, e.g. a recipe and its seed. */
  readonly run: string;
  /** The sample, as the dataset calls it. */
  readonly sample: string;
  readonly label: string;
  /** Row-major [...shape] of the modality. */
  readonly input: Float32Array;
  readonly cells: readonly {
    readonly map: HeatPlane;
    readonly predicted: string;
    /** The class explained, and its probability. */
    readonly explained: string;
    readonly probability: number;
  }[];
}

/** What is drawn. */
export interface ExplanationSheet {
  readonly title: string;
  readonly modality: ModalitySpec;
  /** Heads of the columns after the input, e.g. `1 epoch`. */
  readonly columns: readonly string[];
  readonly rows: readonly ExplanationRow[];
}

/** Grad-CAM maps as SVG: a row a sample of a run, its input first, then a column for each number of epochs. */
export function explanationSheet({ title, modality, columns, rows }: ExplanationSheet): string {
  const width = 2 * MARGIN + LABEL_WIDTH + (columns.length + 1) * (CELL.width + CELL.gap);
  const line = CELL.height + CELL.words + CELL.gap;
  const height = HEAD + rows.length * line + MARGIN;
  const left = (column: number): number => MARGIN + LABEL_WIDTH + column * (CELL.width + CELL.gap);
  const parts = [
    label(MARGIN, 28, fitText(title, 16, width - 2 * MARGIN), { size: 16, bold: true }),
    label(MARGIN, 48, 'Grad-CAM: where the maps speak for the class, each map scaled to its own largest value.', { color: COLORS.muted }),
    ...['input', ...columns].map((head, i) => label(left(i), HEAD - 10, fitText(head, 12, CELL.width), { size: 12, bold: true })),
  ];
  rows.forEach((row, r) => {
    const top = HEAD + r * line;
    [row.run, row.sample].forEach((text, i) =>
      parts.push(label(MARGIN, top + 14 + 16 * i, fitText(text, 12, LABEL_WIDTH - 12), i === 0 ? { size: 12, bold: true } : {})),
    );
    parts.push(label(MARGIN, top + 46, fitText(`label: ${row.label}`, 11, LABEL_WIDTH - 12), { color: COLORS.muted }));
    parts.push(image(overlay(modality, row.input, null), left(0), top));
    row.cells.forEach(({ map, predicted, explained, probability }, i) => {
      parts.push(image(overlay(modality, row.input, map), left(i + 1), top));
      const right = predicted === row.label;
      const words = [`says ${predicted}`, `${explained}: ${(100 * probability).toFixed(0)} %`];
      words.forEach((text, n) =>
        parts.push(
          label(left(i + 1), top + CELL.height + 14 + 14 * n, fitText(text, 11, CELL.width), {
            color: n === 0 && !right ? COLORS.below : COLORS.muted,
          }),
        ),
      );
    });
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${escapeXml(FONT_FAMILY)}"><rect width="${width}" height="${height}" fill="${COLORS.surface}"/>${parts.join('')}</svg>`;
}

function image(pixels: Parameters<typeof encodePng>[0], x: number, y: number): string {
  const href = `data:image/png;base64,${encodePng(pixels).toString('base64')}`;
  return `<image x="${x}" y="${y}" width="${CELL.width}" height="${CELL.height}" preserveAspectRatio="xMinYMin" href="${href}"/>`;
}
