import { EquimodalError, type LoadedDataset, type ModalitySpec, type Split } from '@equimodal/core';
import { fitText, FONT_FAMILY } from '../plots/font.js';
import { COLORS, SERIES } from '../plots/theme.js';
import { heatMap, picture, strip } from './pictures.js';
import { encodePng, type Pixels } from './png.js';
import { tokenText, wrapText } from './text.js';

/** More classes than these are not drawn; the title says so. */
const MOST_CLASSES = 64;
const CELL = { width: 200, height: 96, gap: 12 } as const;
const LABEL_WIDTH = 170;
const MARGIN = 16;
const HEAD = 64;
const FONT_SIZE = 11;
/** Lines of a plot of a sequence. */
const MOST_LINES = 6;

type Values = Float32Array | Int32Array;

export const escapeXml = (text: string): string =>
  text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '?')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

/**
 * One sample of every class, a column a modality, as SVG: the first row of the class in train (else validation, else test). Images are
 * stretched to what a screen shows, spectrograms are heat maps with low frequencies at the bottom, vectors and sequences line plots, tokens text where
 * the vocabulary is known and ids elsewhere. What is all zeros is said to be absent, and what cannot be read is said so.
 *
 * @param title stands above; what it is a sheet of.
 */
export async function contactSheet(dataset: LoadedDataset, title: string): Promise<string> {
  const { classes, modalities } = dataset;
  const shown = classes.slice(0, MOST_CLASSES);
  const width = 2 * MARGIN + LABEL_WIDTH + modalities.length * (CELL.width + CELL.gap);
  const height = HEAD + shown.length * (CELL.height + CELL.gap) + MARGIN;
  const left = (m: number): number => MARGIN + LABEL_WIDTH + m * (CELL.width + CELL.gap);
  const parts: string[] = [];
  const more = classes.length > shown.length ? ` The first ${shown.length} of ${classes.length} classes.` : '';
  parts.push(label(MARGIN, 26, fitText(title, 16, width - 2 * MARGIN), { size: 16, bold: true }));
  parts.push(label(MARGIN, 44, `One sample of each class.${more}`, { color: COLORS.muted }));
  modalities.forEach(({ name, kind, shape }, m) =>
    parts.push(label(left(m), 58, fitText(`${name}: ${kind} [${shape.join(', ')}]`, FONT_SIZE, CELL.width), { color: COLORS.muted })),
  );
  for (const [c, name] of shown.entries()) {
    const top = HEAD + c * (CELL.height + CELL.gap);
    const sample = sampleOf(dataset, c);
    parts.push(label(MARGIN, top + 14, fitText(name, 12, LABEL_WIDTH - 12), { size: 12, bold: true }));
    const where = sample === undefined ? 'no rows' : `${sample.split}: ${sample.called}`;
    parts.push(label(MARGIN, top + 30, fitText(where, FONT_SIZE, LABEL_WIDTH - 12), { color: COLORS.muted }));
    if (sample === undefined) continue;
    for (const [m, spec] of modalities.entries()) {
      const values = await valuesOf(dataset.splits[sample.split]!, sample.row, spec.name);
      if (values === undefined) parts.push(label(left(m), top + 14, 'cannot be read', { color: COLORS.below }));
      else parts.push(cell(spec, values, left(m), top, dataset.vocabularies?.[spec.name]));
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${escapeXml(FONT_FAMILY)}"><rect width="${width}" height="${height}" fill="${COLORS.surface}"/>${parts.join('')}</svg>`;
}

/** undefined where the data are at fault. */
async function valuesOf(split: Split, row: number, modality: string): Promise<Values | undefined> {
  try {
    return (await split.read(Int32Array.of(row), undefined, [modality]))[modality];
  } catch (error) {
    if (error instanceof EquimodalError && error.isUserError) return undefined;
    throw error;
  }
}

interface Sample {
  readonly split: keyof LoadedDataset['splits'];
  readonly row: number;
  readonly called: string;
}

function sampleOf({ splits }: LoadedDataset, label: number): Sample | undefined {
  for (const name of ['train', 'validation', 'test'] as const) {
    const split = splits[name];
    const row = split?.labels.indexOf(label) ?? -1;
    if (split !== undefined && row >= 0) return { split: name, row, called: split.ids?.[row] ?? `row ${row}` };
  }
  return undefined;
}

export function label(x: number, y: number, text: string, { size = FONT_SIZE, bold = false, color = COLORS.ink as string } = {}): string {
  return `<text x="${x}" y="${y}" font-size="${size}" fill="${color}"${bold ? ' font-weight="600"' : ''}>${escapeXml(text)}</text>`;
}

function cell({ kind, shape }: ModalitySpec, values: Values, x: number, y: number, vocabulary: readonly string[] | undefined): string {
  if (values.every((value) => value === 0)) return label(x, y + 14, 'absent (all zeros)', { color: COLORS.quiet });
  switch (kind) {
    case 'image':
      return image(picture(values, shape as unknown as [number, number, number]), x, y);
    case 'video':
      return image(strip(values, shape as unknown as [number, number, number, number]), x, y);
    case 'spectrogram':
      return image(heatMap(values, shape as unknown as [number, number, number]), x, y, 'none');
    case 'tokens':
      return wrapText(tokenText(values, vocabulary), FONT_SIZE, CELL.width, 6)
        .map((line, i) => label(x, y + 12 + i * 15, line))
        .join('');
    case 'vector':
      return lines(values, values.length, 1, x, y);
    case 'sequence':
      return lines(values, shape[0]!, shape[1]!, x, y);
  }
}

function image(pixels: Pixels, x: number, y: number, proportions = 'xMinYMid'): string {
  const href = `data:image/png;base64,${encodePng(pixels).toString('base64')}`;
  return `<image x="${x}" y="${y}" width="${CELL.width}" height="${CELL.height}" preserveAspectRatio="${proportions}" image-rendering="optimizeSpeed" href="${href}"/>`;
}

/** A line for each of the first features of [time, features], all on one scale. */
function lines(values: Values, time: number, features: number, x: number, y: number): string {
  const drawn = Math.min(features, MOST_LINES);
  let least = 0;
  let most = 0;
  for (let t = 0; t < time; t++) {
    for (let f = 0; f < drawn; f++) {
      least = Math.min(least, values[t * features + f]!);
      most = Math.max(most, values[t * features + f]!);
    }
  }
  const across = (t: number): string => (x + (time > 1 ? (t * CELL.width) / (time - 1) : CELL.width / 2)).toFixed(1);
  const up = (value: number): string => (y + CELL.height - (CELL.height * (value - least)) / (most - least || 1)).toFixed(1);
  const zero = `<line x1="${x}" x2="${x + CELL.width}" y1="${up(0)}" y2="${up(0)}" stroke="${COLORS.grid}"/>`;
  const paths = Array.from({ length: drawn }, (_, f) => {
    const points = Array.from({ length: time }, (_, t) => `${across(t)},${up(values[t * features + f]!)}`);
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${SERIES[f]!}" stroke-width="1"/>`;
  });
  return zero + paths.join('');
}
