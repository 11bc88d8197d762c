import type { ComparisonResults } from '@equimodal/comparison';
import { accuracyPlot } from './accuracy.js';
import { alphaPlot } from './alpha.js';
import { confusionPlot } from './confusion.js';
import { figurePlot } from './figure.js';
import { gapPlot } from './gap.js';
import { gradientPlot } from './gradients.js';
import { lossPlot } from './loss.js';
import { modalityCurvesPlot } from './modality-curves.js';
import { contributionsPlot, missingPlot, modalityTestPlot } from './modality-dots.js';
import { noisePlot } from './noise.js';
import { reliabilityPlot } from './reliability.js';
import { renderSvg } from './render.js';
import { scatterPlot } from './scatter.js';
import type { Plot } from './theme.js';

/** Names of all plots there can be, in the order of the report. */
export const PLOT_NAMES = [
  'figure',
  'accuracy',
  'modality-test',
  'contributions',
  'missing',
  'noise',
  'modality-curves',
  'alpha',
  'loss',
  'gap',
  'gradients',
  'features-pca',
  'features-umap',
  'reliability',
  'confusion',
] as const;

/** A plot that was drawn. */
export interface DrawnPlot extends Plot {
  readonly svg: string;
}

/**
 * The plots this comparison has data for: accuracy, that of each modality on test and over epochs, contributions, accuracy without
 * modalities and under noise, alpha, losses, modality gap, gradients, features in a plane, reliability, confusion.
 */
export function comparisonPlots(results: ComparisonResults): Plot[] {
  return [
    figurePlot(results),
    accuracyPlot(results),
    modalityTestPlot(results),
    contributionsPlot(results),
    missingPlot(results),
    noisePlot(results),
    modalityCurvesPlot(results),
    alphaPlot(results),
    lossPlot(results),
    gapPlot(results),
    gradientPlot(results),
    scatterPlot(results, 'pca'),
    scatterPlot(results, 'umap'),
    reliabilityPlot(results),
    confusionPlot(results),
  ].filter((plot) => plot !== null);
}

/** Draws every plot of the comparison as SVG. Loads vega on the first call. */
export async function drawPlots(results: ComparisonResults): Promise<DrawnPlot[]> {
  const drawn: DrawnPlot[] = [];
  for (const plot of comparisonPlots(results)) drawn.push({ ...plot, svg: await renderSvg(plot) });
  return drawn;
}
