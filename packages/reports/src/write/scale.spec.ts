import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { manyResults } from '../fixture/many.fixture.js';
import { writeReport } from './write.js';

const dirs: string[] = [];
afterAll(() => Promise.all(dirs.map((dir) => rm(dir, { recursive: true, force: true }))));

it('writes a report of 200 runs, 100 epochs each, in under 10 s and 2 MB', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'equimodal-scale-'));
  dirs.push(dir);
  const results = manyResults({ recipes: 40, seeds: 5, epochs: 100 });
  expect(results.runs).toHaveLength(200);
  const before = process.cpuUsage();
  const { notes } = await writeReport(results, dir);
  // Processor time: the machine may be busy with other tests.
  const { user, system } = process.cpuUsage(before);
  expect(notes).toEqual([]);
  expect((user + system) / 1e6).toBeLessThan(10);
  const { size } = await stat(join(dir, 'report.html'));
  expect(size).toBeLessThan(2e6);
  const html = await readFile(join(dir, 'report.html'), 'utf8');
  for (const { recipe } of results.rows) expect(html).toContain(`<summary><b>${recipe}</b>`);
}, 120_000);
