import { FONT_FAMILY } from './font.js';

/** Total width of every plot in pixels. */
export const PLOT_WIDTH = 800;

/**
 * Colours by role. Every role has a colour of its own, because the HTML report re-colours plots for dark screens by
 * exact match. Series colours are those of Okabe and Ito (2008), told apart by colour-blind readers.
 */
export const COLORS = {
  surface: '#ffffff',
  ink: '#1f2328',
  muted: '#5c6570',
  grid: '#e6e9ed',
  axis: '#b8bfc7',
  quiet: '#7d8590',
  above: '#0072b2',
  below: '#d55e00',
} as const;

/** Colours of modalities and recipes in plots of several series, in the order they are given out. */
export const SERIES = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00'] as const;

/** Dashes that go with `SERIES`, so that lines differ without colour too. */
export const DASHES: readonly (readonly number[])[] = [
  [1, 0],
  [7, 3],
  [2, 2],
  [9, 3, 2, 3],
  [4, 4],
  [12, 4],
];

/** Marks that go with `SERIES`, so that points differ without colour too. */
export const SHAPES: readonly string[] = ['circle', 'square', 'triangle-up', 'diamond', 'cross', 'triangle-down'];

export const SIZE = { title: 16, subtitle: 12, label: 12, axis: 12 } as const;

/** The vega-lite config that gives every plot its quiet look. */
export function themeConfig(): Record<string, unknown> {
  return {
    aria: false,
    background: COLORS.surface,
    font: FONT_FAMILY,
    padding: { left: 16, right: 16, top: 16, bottom: 14 },
    view: { stroke: null },
    title: {
      anchor: 'start',
      frame: 'group',
      fontSize: SIZE.title,
      fontWeight: 600,
      color: COLORS.ink,
      subtitleColor: COLORS.muted,
      subtitleFontSize: SIZE.subtitle,
      subtitleLineHeight: 16,
      subtitlePadding: 5,
      offset: 14,
    },
    axis: {
      labelColor: COLORS.muted,
      titleColor: COLORS.muted,
      labelFontSize: SIZE.axis,
      titleFontSize: SIZE.axis,
      titleFontWeight: 400,
      gridColor: COLORS.grid,
      gridWidth: 1,
      domain: false,
      ticks: false,
      labelPadding: 6,
      titlePadding: 8,
    },
    axisX: { domain: true, domainColor: COLORS.axis, labelFlush: false },
    legend: {
      orient: 'top',
      title: null,
      labelColor: COLORS.ink,
      labelFontSize: SIZE.label,
      labelLimit: 220,
      symbolStrokeWidth: 2.5,
      symbolOpacity: 1,
      offset: 10,
      columnPadding: 16,
    },
    header: {
      title: null,
      labelAnchor: 'start',
      labelColor: COLORS.ink,
      labelFontSize: SIZE.label,
      labelFontWeight: 600,
      labelPadding: 6,
    },
  };
}

/** A plot before it is drawn: its name on disk, words for those who cannot see it, and the vega-lite spec. */
export interface Plot {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly spec: Readonly<Record<string, unknown>>;
}
