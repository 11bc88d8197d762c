import { EquimodalError, messageOf } from '@equimodal/core';
import { FONT_FILES, isCovered, textWidth } from './font.js';
import { COLORS, PLOT_WIDTH, themeConfig, type Plot } from './theme.js';

/** Vega's own table of text measures, replaced while we draw so that layout does not depend on installed fonts. */
interface TextMetrics {
  width: (item: TextItem, text: unknown) => number;
}
interface TextItem {
  readonly fontSize?: number;
  readonly fontWeight?: number | string;
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

let last: Promise<unknown> = Promise.resolve();

/**
 * Draws a plot as SVG, without a browser. The same plot gives the same text on every machine: texts are measured with
 * the bundled font's own widths. Plots are drawn one after the other.
 *
 * @throws EQM_INTERNAL when vega refuses the spec.
 */
export function renderSvg(plot: Plot): Promise<string> {
  const drawn = last.then(() => draw(plot));
  last = drawn.catch(() => undefined);
  return drawn;
}

async function draw(plot: Plot): Promise<string> {
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  const metrics = (vega as unknown as { textMetrics: TextMetrics }).textMetrics;
  const before = metrics.width;
  metrics.width = (item, text) =>
    textWidth(Array.isArray(text) ? text.join(' ') : String(text ?? ''), item.fontSize ?? 11, Number(item.fontWeight) >= 600);
  try {
    const quiet = {
      level: () => quiet,
      error: fail,
      warn: () => quiet,
      info: () => quiet,
      debug: () => quiet,
    };
    // A copy, because vega marks the data it is given.
    const spec = {
      $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
      ...structuredClone(plot.spec),
    };
    // The spec is plain data that vega-lite checks itself; its own type is a union too wide to build against.
    const { spec: compiled } = compile(spec as unknown as Parameters<typeof compile>[0], {
      config: themeConfig(),
      logger: quiet as never,
    });
    const view = new vega.View(vega.parse(compiled), { renderer: 'none', logLevel: vega.Error });
    const svg = await view.toSVG();
    view.finalize();
    return labelled(plot, uniqueIds(plot.name, widened(spare(rounded(svg)))));
  } catch (error) {
    throw new EquimodalError('EQM_INTERNAL', `the plot ${plot.name} could not be drawn: ${messageOf(error)}`, {
      where: `plot ${plot.name}`,
      cause: error,
    });
  } finally {
    metrics.width = before;
  }
}

function fail(...parts: readonly unknown[]): never {
  throw new Error(parts.map(String).join(' '));
}

/** Cuts coordinates to a tenth of a pixel, which halves the size of curves. */
function rounded(svg: string): string {
  const short = (text: string): string => text.replace(/-?\d+\.\d{2,}/g, (number) => String(Number(Number(number).toFixed(1))));
  return svg.replace(/ (d|transform|x1|x2|y1|y2|x|y)="([^"]*)"/g, (_, name: string, value: string) => ` ${name}="${short(value)}"`);
}

/**
 * Leaves out what shows nothing: frames without paint, marks for tools that inspect a plot, attributes that say the default, and the
 * font on every text, which goes on the root once. The whole picture has one title and one description for those who cannot see it.
 */
function spare(svg: string): string {
  const font = / font-family="([^"]*)"/.exec(svg)?.[0] ?? '';
  const bare = svg
    .replace(/<path class="foreground"[^>]*\/>/g, '')
    .replace(/<path class="background"(?![^>]*(?:fill|stroke)=)[^>]*\/>/g, '')
    .replace(/ (?:class|role|aria-[a-z]+|pointer-events)="[^"]*"/g, '')
    .replace(/ (?:opacity="1"|text-anchor="start"|stroke-dasharray="1,0"|transform="translate\(0,0\)"|[xy]2="0")/g, '')
    .replaceAll(font, '');
  return emptied(bare).replace('<svg', `<svg${font}`);
}

/** Without groups that hold nothing; a group that held only such is one too. */
function emptied(svg: string): string {
  const next = svg.replace(/<g(?: [^>]*)?><\/g>/g, '');
  return next === svg ? svg : emptied(next);
}

/** Gives a plot a little narrower than the others their width, so that they stand in line on a page. */
function widened(svg: string): string {
  const width = Number(/\bwidth="(\d+)"/.exec(svg)?.[1] ?? PLOT_WIDTH);
  return width >= PLOT_WIDTH
    ? svg
    : svg.replace(`viewBox="0 0 ${width} `, `viewBox="0 0 ${PLOT_WIDTH} `).replaceAll(`width="${width}"`, `width="${PLOT_WIDTH}"`);
}

/** Vega numbers its clip paths from one counter; several plots on one page need names of their own. */
function uniqueIds(name: string, svg: string): string {
  const ids = [...new Set([...svg.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id ?? ''))];
  return ids.reduce(
    (text, id, i) => text.replaceAll(`id="${id}"`, `id="${name}-${i}"`).replaceAll(`url(#${id})`, `url(#${name}-${i})`),
    svg,
  );
}

function labelled(plot: Plot, svg: string): string {
  const label = `<title>${escapeXml(plot.title)}</title><desc>${escapeXml(plot.description)}</desc>`;
  return svg.replace(/<svg ([^>]*)>/, (_, attributes: string) => `<svg role="img" ${attributes.trim()}>${label}`);
}

/**
 * Draws an SVG as PNG, twice as many pixels as the SVG has, in the bundled font. Only letters the bundled font lacks
 * (say Chinese names) are looked for among the system's fonts.
 *
 * @throws EQM_INTERNAL when the native renderer cannot be loaded or refuses the SVG.
 */
export async function renderPng(svg: string): Promise<Buffer> {
  try {
    const { Resvg } = await import('@resvg/resvg-js');
    const image = new Resvg(svg, {
      background: COLORS.surface,
      fitTo: { mode: 'zoom', value: 2 },
      font: {
        loadSystemFonts: !isCovered(svg),
        fontFiles: FONT_FILES,
        defaultFontFamily: 'Equimodal Sans',
        sansSerifFamily: 'Equimodal Sans',
      },
    });
    return image.render().asPng();
  } catch (error) {
    throw new EquimodalError('EQM_INTERNAL', `the PNG renderer failed: ${messageOf(error)}`, {
      where: 'renderPng',
      fix: 'The SVG beside it shows the same plot. Reinstall @resvg/resvg-js to have PNG files on this platform.',
      cause: error,
    });
  }
}
