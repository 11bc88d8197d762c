import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compare, formatMarkdownTable } from '../index.js';

const experiment = {
  name: 'small',
  dataset: { use: 'synthetic-av', train: 200, validation: 60, test: 60 },
  encoders: { default: { use: 'mlp', hidden: [8], features: 6 } },
  training: { epochs: 2, batchSize: 50 },
  recipes: ['concat', 'sum'],
  reference: 'concat',
  seeds: [0, 1],
};

describe('compare', () => {
  it('collects rows over seeds, and leaves nothing behind', async () => {
    const finished: string[] = [];
    const results = await compare(experiment, {
      onEvent: (event) => event.type === 'finished' && finished.push(`${event.outcome.job.recipe} ${event.outcome.job.seed}`),
    });
    expect(finished).toEqual(['concat 0', 'sum 0', 'concat 1', 'sum 1']);
    expect(results.rows.map(({ recipe, seeds }) => [recipe, seeds])).toEqual([
      ['concat', [0, 1]],
      ['sum', [0, 1]],
    ]);
    expect(results.rows[1]!.versusReference?.reference).toBe('concat');
    expect(formatMarkdownTable(results)).toContain('| sum');
  });

  it('writes runs and a report where it is told to', async () => {
    const out = mkdtempSync(join(tmpdir(), 'equimodal-compare-'));
    await compare(experiment, { out, recipes: ['sum'], seeds: [0], set: ['training.epochs=1'] });
    expect(existsSync(join(out, 'small', 'report', 'report.html'))).toBe(true);
    expect(existsSync(join(out, 'small', 'sum', 'seed-0', 'metrics.json'))).toBe(true);
    rmSync(out, { recursive: true });
  });
});
