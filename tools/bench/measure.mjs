/** Measures workloads: both sides of one, alternating A B A B in one run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { row, soakResult } from './figures.mjs';
import { openGrid } from './grid.mjs';
import { writeMedia } from './ours/media-files.mjs';
import { startOurs, startPeer } from './sides.mjs';
import { SOAKED, WORKLOADS } from './workloads.mjs';

/** Steps between two readings of the memory check. */
const MARK = 500;

function checkSame(id, what, ours, peer) {
  if (ours !== peer) throw new Error(`${id}: ${what} of ours are ${ours}, of the peer ${peer}: the sides do not do the same work`);
}

/** A workload of reading: as one of steps, over files that are written first and removed afterwards. */
export async function measureReading(id, threads, options, python) {
  const folder = mkdtempSync(join(tmpdir(), 'equimodal-bench-'));
  try {
    await writeMedia(folder, WORKLOADS[id].files);
    return await measureSteps(id, threads, options, python, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A workload of steps: its row, our engine, and what the peer is (null without one). `folder`: of the files of a workload of reading. */
export async function measureSteps(id, threads, options, python, folder) {
  const workload = WORKLOADS[id];
  const sides = [];
  try {
    sides.push(await startOurs(id, threads, options, { folder }));
    const other = python === null ? null : await startPeer(python, id, threads, { folder });
    if (other !== null) sides.push(other);
    for (const side of sides) await side.run(workload.warmup);
    const measured = sides.map(() => ({ times: [], updates: [], peakMb: 0, parameters: 0 }));
    for (let round = 0; round < options.rounds; round++) {
      for (const [i, side] of sides.entries()) {
        const { times, updates, peakMb, parameters } = await side.run(options.steps ?? workload.steps);
        measured[i].times.push(...times);
        measured[i].updates.push(...updates);
        Object.assign(measured[i], { peakMb, parameters });
      }
    }
    const [ours, peer = null] = measured;
    const about = sides[1]?.about ?? null;
    if (peer !== null) checkSame(id, 'parameters', ours.parameters, peer.parameters);
    return {
      row: row({ id, unit: workload.unit, threads }, ours, peer === null ? null : { ...peer, name: about.name }),
      engine: sides[0].about,
      peer: about,
    };
  } finally {
    for (const side of sides) side.stop();
  }
}

/** A grid as one command, on each side in turn. */
export async function measureGrid(id, options, python) {
  const workload = WORKLOADS[id];
  const grid = await openGrid(workload);
  try {
    const measured = [];
    let last = [];
    for (let repetition = 0; repetition < options.grids; repetition++) {
      last = [await grid.ours(options), ...(python === null ? [] : [await grid.peer(python)])];
      for (const [i, { wallMs, peakMb }] of last.entries()) {
        measured[i] ??= { times: [], peakMb: null };
        measured[i].times.push(wallMs);
        measured[i].peakMb = peakMb === null ? null : Math.max(peakMb, measured[i].peakMb ?? 0);
      }
    }
    const [ours, peer = null] = measured;
    const [mine, theirs = null] = last;
    for (const [name, { parameters }] of Object.entries(theirs?.rows ?? {})) {
      checkSame(`${id}, ${name}`, 'parameters', mine.rows[name]?.parameters, parameters);
    }
    const percent = (side, name) => (side === null ? null : Number((100 * side.rows[name].accuracy).toFixed(1)));
    const accuracy = Object.fromEntries(
      Object.keys(mine.rows).map((name) => [name, { ours: percent(mine, name), peer: percent(theirs, name) }]),
    );
    const threads = availableParallelism();
    return {
      row: {
        ...row({ id, unit: workload.unit, threads }, ours, peer === null ? null : { ...peer, name: theirs.about.name }),
        accuracy,
      },
      engine: { ...mine.engine, threads },
      peer: theirs?.about ?? null,
    };
  } finally {
    grid.close();
  }
}

/**
 * Resident memory and tensors over a long training, read every `MARK` steps after a garbage collection: what is kept,
 * not what waits to be collected.
 */
export async function measureSoak(steps, options) {
  const threads = availableParallelism();
  const ours = await startOurs(SOAKED, threads, options, { collect: true });
  try {
    const marks = [];
    for (let done = 0; done < steps;) {
      // A round makes one step more than it times.
      const round = Math.min(MARK, steps - done);
      const { rssMb, tensors } = await ours.run(round - 1);
      done += round;
      marks.push({ step: done, rssMb, tensors });
    }
    return { result: soakResult({ id: SOAKED, threads }, marks), engine: ours.about };
  } finally {
    ours.stop();
  }
}
