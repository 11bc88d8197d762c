import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Host, SignalBus, type Observer } from '@equimodal/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signalSource } from '../files/signals.fixture.js';
import { observers } from '../plugin/plugin.js';
import { crc32c, scalarRecord } from './records.js';

/** A Python with TensorBoard: `EQUIMODAL_PYTHON`, else python3. */
const python = [process.env['EQUIMODAL_PYTHON'], 'python3'].find(
  (command) => command !== undefined && spawnSync(command, ['-c', 'import tensorboard'], { stdio: 'ignore' }).status === 0,
);

/** Prints {tag: [[step, value], ...]} as TensorBoard itself reads a folder. */
const READER = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0})
events.Reload()
print(json.dumps({tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}))
`;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tensorboard-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const file = (): string => join(dir, 'events.out.tfevents.equimodal');
const make = (options: object = {}, runDir: string | null = dir): Observer => {
  const host = new Host([observers]);
  const piece = host.piece('observer', 'tensorboard');
  return host.create(
    'observer',
    { use: 'tensorboard', options: piece.options.parse(options) },
    { runDir: runDir ?? undefined, label: 'x' },
  );
};

/** A run of two epochs, four steps each, from `from` on. */
function run(observer: Observer, bus: SignalBus, epochs: readonly number[], resumedAtStep = 0): void {
  const source = signalSource(bus);
  observer.start(bus);
  source.runStarted({ resumedAtStep });
  for (const epoch of epochs) {
    source.epochStarted(epoch);
    for (let step = 0; step < 4; step++) source.step(epoch, step, { total: epoch + step / 10 });
    source.epochCompleted(epoch, { trainLoss: 1 / (1 + epoch) });
  }
}

describe('the records', () => {
  it('have the checksum of the standard', () => {
    // The check value of CRC-32C, RFC 3720 and the catalogue of parametrised CRC algorithms.
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    // 32 bytes of zeros, RFC 3720, B.4.
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  });

  it('are what the writer of TensorBoard makes', () => {
    // Step 300, tag "a": 0.5, at 1.0 s, by TensorBoard's own RecordWriter.
    expect(scalarRecord(1, 300, { a: 0.5 }).toString('hex')).toBe(RECORD);
  });
});

/** Made by `python tools/reference/event_file.py`. */
const RECORD = '1800000000000000a37f4b2209000000000000f03f10ac022a0a0a080a0161150000003f48e05525';

describe('the observer', () => {
  it('continues a resumed run as if it had not been cut', () => {
    const whole = make({ every: 1 });
    run(whole, new SignalBus(), [0, 1]);
    whole.stop();
    const expected = tags(file());
    rmSync(file());

    const first = make({ every: 1 });
    const bus = new SignalBus();
    run(first, bus, [0]);
    first.flush!();
    const state = first.state!();
    signalSource(bus).epochStarted(1);
    signalSource(bus).step(1, 0);
    first.stop();
    const second = make({ every: 1 });
    second.restore!(state);
    run(second, new SignalBus(), [1], 4);
    second.stop();
    expect(tags(file())).toEqual(expected);
  });

  it('writes each n-th step', () => {
    const observer = make({ every: 4 });
    run(observer, new SignalBus(), [0, 1]);
    observer.stop();
    expect(tags(file()).filter((tag) => tag === 'step/loss')).toHaveLength(2);
    expect(tags(file()).filter((tag) => tag === 'epoch/loss')).toHaveLength(2);
  });

  it('does nothing without a run folder, and refuses a foreign state', () => {
    const observer = make({}, null);
    run(observer, new SignalBus(), [0]);
    observer.stop();
    expect(existsSync(file())).toBe(false);
    expect(() => make().restore!('x')).toThrowError(expect.objectContaining({ code: 'EQM_CHECKPOINT_MISMATCH' }));
  });
});

/** Names in a file, in order: enough to compare two files whose times differ. */
function tags(path: string): string[] {
  return [
    ...readFileSync(path)
      .toString('latin1')
      .matchAll(/(?:step|epoch|validation|test|gradients)\/[\w/]+/g),
  ].map(([tag]) => tag);
}

describe.skipIf(python === undefined)('read by TensorBoard itself (skipped without a Python that has it; see EQUIMODAL_PYTHON)', () => {
  it('shows every scalar at its step', () => {
    const observer = make({ every: 2 });
    const bus = new SignalBus();
    run(observer, bus, [0, 1]);
    bus.emit('gradients.measured', { epoch: 1, step: 0, norm: { audio: 2, image: 0.5 }, cosine: {} });
    signalSource(bus).runCompleted({ epochs: 2 });
    observer.stop();
    expect(readdirSync(dir)).toEqual(['events.out.tfevents.equimodal']);
    const read = JSON.parse(
      execFileSync(python!, ['-c', READER, dir], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    ) as Record<string, [number, number][]>;
    const rounded = (tag: string): [number, number][] => (read[tag] ?? []).map(([step, value]) => [step, Number(value.toFixed(5))]);
    expect(rounded('step/loss')).toEqual([
      [0, 0],
      [2, 0.2],
      [4, 1],
      [6, 1.2],
    ]);
    expect(rounded('step/losses/alignment')).toHaveLength(4);
    expect(rounded('epoch/loss')).toEqual([
      [0, 1],
      [1, 0.5],
    ]);
    expect(rounded('validation/accuracy')).toEqual([
      [0, 0.625],
      [1, 0.625],
    ]);
    expect(rounded('validation/image/accuracy')).toEqual([
      [0, 0.25],
      [1, 0.25],
    ]);
    expect(rounded('gradients/norm/audio')).toEqual([[1, 2]]);
    expect(rounded('test/accuracy')).toEqual([[2, 0.75]]);
    // What is not a number, such as the gap of one modality, has no scalar.
    expect(read['validation/modalityGap']).toBeUndefined();
  }, 120_000);
});
