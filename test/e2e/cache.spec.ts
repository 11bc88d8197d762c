import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { equimodal, workFolder } from './support/cli.js';

const work = workFolder();
afterAll(() => work.done());

/** 16-bit PCM, half a second of 8 kHz. */
function wave(tone: number): Buffer {
  const samples = 4000;
  const bytes = Buffer.alloc(44 + 2 * samples);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + 2 * samples, 4);
  bytes.write('WAVEfmt ', 8);
  [16, 0x10001, 8000, 16000, 0x100002].forEach((value, i) => bytes.writeUInt32LE(value, 16 + 4 * i));
  bytes.write('data', 36);
  bytes.writeUInt32LE(2 * samples, 40);
  for (let i = 0; i < samples; i++) bytes.writeInt16LE(Math.round(9000 * Math.sin((tone * i) / 100)), 44 + 2 * i);
  return bytes;
}

const ROWS = 8;
for (const [tone, name] of [
  [3, 'low'],
  [12, 'high'],
] as const) {
  for (let row = 0; row < 3; row++) work.write(`data/train/${name}/audio/${row}.wav`, wave(tone + row));
  work.write(`data/test/${name}/audio/0.wav`, wave(tone));
}

const file = work.write(
  'sounds.yaml',
  'dataset: { use: folders, modalities: { audio: { kind: spectrogram, rate: 8000, seconds: 0.5 } }, cache: ahead }\nrecipes: not looked at\n',
);
const cache = join(work.dir, 'cache');
const run = (args: string[], limit = '') => equimodal(args, work.dir, { EQUIMODAL_CACHE: cache, EQUIMODAL_MEDIA_CACHE_LIMIT: limit });
const check = (limit?: string) => run(['data', 'check', file, '--data-root', join(work.dir, 'data')], limit);
const kept = async () => {
  const { stdout } = await run(['cache', '--json']);
  const parsed = JSON.parse(stdout) as { folder: string; mediaLimit: number; kept: { kind: string; files: number; bytes: number }[] };
  return { ...parsed, media: parsed.kept.find(({ kind }) => kind === 'media')! };
};

describe('equimodal cache', () => {
  it('shows what a run kept, and clears it', async () => {
    const checked = await check();
    expect([checked.status, checked.stderr.includes('EQM_')]).toEqual([0, false]);
    const before = await kept();
    expect(before).toMatchObject({ folder: cache, mediaLimit: 50 * 2 ** 30 });
    expect(before.media.files).toBe(ROWS);
    const shown = await run(['cache']);
    expect(shown.stdout).toMatch(/^media +8 files +[\d.]+ [KM]B +decoded sounds and images$/m);
    expect(shown.stdout).toMatch(/^engine +0 files +0 bytes/m);
    expect(JSON.parse((await run(['cache', 'clear', 'features', '--json'])).stdout)).toMatchObject({
      cleared: [{ kind: 'features', files: 0 }],
    });
    expect((await kept()).media.files).toBe(ROWS);
    const cleared = await run(['cache', 'clear']);
    expect([cleared.status, cleared.stdout.split('\n')[0]]).toEqual([0, 'removed']);
    expect(existsSync(join(cache, 'media'))).toBe(false);
  });

  it('stays within the limit, and reads on without keeping', async () => {
    const { status, stderr } = await check('20KB');
    expect([status, stderr.includes('EQUIMODAL_MEDIA_CACHE_LIMIT')]).toEqual([0, true]);
    const { media } = await kept();
    expect(media.files).toBeLessThan(ROWS);
    expect(media.bytes).toBeLessThanOrEqual(20 * 1024);
  });

  it('refuses a limit that is not a size, and a kind that there is not', async () => {
    const wrong = await check('much');
    expect([wrong.status, wrong.stderr.includes('EQM_CONFIG_INVALID')]).toEqual([2, true]);
    expect((await run(['cache', 'clear', 'models'])).status).toBe(2);
  });
});
