import { readdirSync, readFileSync } from 'node:fs';
import { EquimodalError, suggestion } from '@equimodal/core';
import { z } from 'zod';

const figures = z.record(z.string(), z.number().min(0).max(100));
const rowSchema = z.strictObject({
  recipe: z.string(),
  /** Percent. */
  figures,
  /** Printed deviations, percent. */
  std: figures.optional(),
  /** What a reader must know of this row. */
  note: z.string().optional(),
});

const figureRowSchema = z.strictObject({
  recipe: z.string(),
  /** `fused` and modalities; percent, except of the metrics `modalityGap` and `alpha`. */
  figures: z.record(z.string(), z.number()),
});
const figureSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  /** Of ours beside it: a metric's key, or `alpha`. */
  metric: z.string(),
  note: z.string().optional(),
  frames: z.array(z.strictObject({ label: z.string(), dataset: z.string(), rows: z.array(figureRowSchema).min(1) })).default([]),
  curves: z
    .array(
      z.strictObject({
        label: z.string(),
        dataset: z.string(),
        epochs: z.int().positive(),
        /** Of the run, 0 being its first epoch and 1 its last. */
        at: z.array(z.number().min(0).max(1)),
        alpha: z.array(z.number().min(0).max(1)),
      }),
    )
    .default([]),
});

/** A figure or table of a paper that an experiment makes again, with what is printed there. */
export type PublishedFigure = z.infer<typeof figureSchema> & { readonly label: string; readonly url: string };

const sourceSchema = z.strictObject({
  id: z.string(),
  label: z.string(),
  title: z.string(),
  venue: z.string(),
  url: z.url(),
  protocol: z.string(),
  tables: z.array(
    z.strictObject({
      dataset: z.string(),
      table: z.string(),
      /** Only for rows whose encoders are all among these. */
      encoders: z.array(z.string()).optional(),
      rows: z.array(rowSchema),
    }),
  ),
  figures: z.array(figureSchema).default([]),
});

/** A file of `published/`: figures that a paper prints, by the names of our recipes. */
export type PublishedSource = z.infer<typeof sourceSchema>;

/** Figures that others printed for the rows of a comparison: fractions, as ours are. */
export interface PublishedFigures {
  readonly id: string;
  /** Short name, for a column. */
  readonly label: string;
  readonly title: string;
  readonly venue: string;
  readonly url: string;
  readonly table: string;
  /** How they were come by, where it matters beside ours. */
  readonly protocol: string;
  readonly rows: readonly {
    readonly recipe: string;
    readonly figures: Readonly<Record<string, { readonly mean: number; readonly std: number | null }>>;
    readonly note: string | null;
  }[];
}

/** A row of a comparison, as far as finding its published figures goes. */
export interface PublishedRow {
  readonly id: string;
  readonly recipe: string;
  readonly encoders: readonly string[];
}

const FOLDER = new URL('../../published/', import.meta.url);

/** Every source that ships with the package. */
export function publishedSources(): PublishedSource[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .sort((a, b) => (a === 'lfm.json' ? -1 : b === 'lfm.json' ? 1 : a.localeCompare(b)))
    .map((name) => sourceSchema.parse(JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'))));
}

/**
 * The published figures for rows on a data set. A row is found by its name or the name of its recipe; a table for certain encoders
 * goes before one for any. A row that has been renamed (`as:`) shows those of its recipe.
 */
export function publishedFor(
  dataset: string,
  rows: readonly PublishedRow[],
  sources: readonly PublishedSource[] = publishedSources(),
): PublishedFigures[] {
  return sources.flatMap((source): PublishedFigures[] => {
    const tables = source.tables
      .filter((table) => table.dataset === dataset)
      .sort((a, b) => Number(a.encoders === undefined) - Number(b.encoders === undefined));
    const used = new Set<string>();
    const found = rows.flatMap((row) => {
      const table = tables.find(({ encoders }) => encoders === undefined || row.encoders.every((id) => encoders.includes(id)));
      const entry = table?.rows.find(({ recipe }) => recipe === row.id) ?? table?.rows.find(({ recipe }) => recipe === row.recipe);
      if (table === undefined || entry === undefined) return [];
      used.add(table.table);
      const own = Object.entries(entry.figures).map(([key, percent]) => {
        const std = entry.std?.[key];
        return [key, { mean: percent / 100, std: std === undefined ? null : std / 100 }] as const;
      });
      return [{ recipe: row.id, figures: Object.fromEntries(own), note: entry.note ?? null }];
    });
    if (found.length === 0) return [];
    const { id, label, title, venue, url, protocol } = source;
    return [{ id, label, title, venue, url, protocol, table: [...used].join(', '), rows: found }];
  });
}

/**
 * A published figure by its name, `<source>/<id>`.
 *
 * @throws EQM_CONFIG_INVALID for an unknown one.
 */
export function publishedFigure(name: string, sources: readonly PublishedSource[] = publishedSources()): PublishedFigure {
  for (const { id, label, url, figures: own } of sources) {
    const found = own.find((figure) => `${id}/${figure.id}` === name);
    if (found !== undefined) return { ...found, label, url };
  }
  const known = sources.flatMap(({ id, figures: own }) => own.map((figure) => `${id}/${figure.id}`));
  throw new EquimodalError('EQM_CONFIG_INVALID', `there is no published figure "${name}"; ${suggestion(name, known)}`, { where: 'figure' });
}
