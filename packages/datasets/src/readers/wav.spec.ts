import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coded, survives } from '../data-root.fixture.js';
import { damaged, Encoder, encodeWav, pcm16 } from './encode.fixture.js';
import { parseWav, readWav } from './wav.js';

describe('wav', () => {
  it('reads back 16-bit samples', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -32768, max: 32767 }), { maxLength: 50 }), (samples) => {
        const wav = parseWav(encodeWav(pcm16(samples), { sampleRate: 22050 }), 'a.wav');
        expect(wav.sampleRate).toBe(22050);
        expect(Array.from(wav.samples, (value) => Math.round(value * 32768))).toEqual(samples);
      }),
    );
  });

  it.each([
    { bits: 8, bytes: [0, 128, 192], expected: [-1, 0, 0.5] },
    { bits: 24, bytes: [0, 0, 0x80, 0, 0, 0, 0, 0, 0x40], expected: [-1, 0, 0.5] },
    { bits: 32, bytes: [0, 0, 0, 0x80, 0, 0, 0, 0x40], expected: [-1, 0.5] },
  ] as const)('reads PCM of $bits bits', ({ bits, bytes, expected }) => {
    expect(Array.from(parseWav(encodeWav(Uint8Array.from(bytes), { bits }), 'a').samples)).toEqual(expected);
  });

  it('reads float samples', () => {
    const data = new Uint8Array(Float32Array.from([0.25, -1.5]).buffer);
    expect(Array.from(parseWav(encodeWav(data, { bits: 32, float: true }), 'a').samples)).toEqual([0.25, -1.5]);
    const doubles = new Uint8Array(Float64Array.from([0.125]).buffer);
    expect(Array.from(parseWav(encodeWav(doubles, { bits: 64, float: true }), 'a').samples)).toEqual([0.125]);
  });

  it('averages channels', () => {
    const wav = parseWav(encodeWav(pcm16([16384, -16384, 8192, 8192]), { channels: 2 }), 'a');
    expect(wav.channels).toBe(2);
    expect(Array.from(wav.samples)).toEqual([0, 0.25]);
  });

  it('skips other chunks, odd ones with their padding byte, and reads the extensible format', () => {
    const plain = encodeWav(pcm16([8192]));
    const extra = new Encoder().raw(plain.slice(0, 12)).text('LIST').number(4, 3).text('abc\0').raw(plain.slice(12)).done();
    expect(Array.from(parseWav(extra, 'a').samples)).toEqual([0.25]);
    const format = new Encoder()
      .number(4, 40)
      .number(2, 0xfffe)
      .raw(plain.slice(22, 36))
      .number(2, 22)
      .number(2, 16)
      .number(4, 4)
      .number(2, 1)
      .raw(new Uint8Array(14))
      .done();
    const extensible = new Encoder().raw(plain.slice(0, 16)).raw(format).raw(plain.slice(36)).done();
    expect(Array.from(parseWav(extensible, 'a').samples)).toEqual([0.25]);
  });

  it('refuses a truncated file, naming file and offset', async () => {
    const error = await coded(() => parseWav(encodeWav(pcm16([1, 2, 3])).slice(0, -2), 'cut.wav'));
    expect(error.code).toBe('EQM_DATA_MALFORMED');
    expect(error.where).toBe('cut.wav, byte 44');
    expect((await coded(() => parseWav(new Uint8Array(0), 'empty.wav'))).where).toBe('empty.wav, byte 0');
  });

  it('refuses other codings and data without a format', async () => {
    const mu = encodeWav(pcm16([1]));
    mu[20] = 7;
    expect((await coded(() => parseWav(mu, 'a'))).message).toContain('format 7');
    const bare = new Encoder().text('RIFF').number(4, 4).text('WAVEdata').number(4, 0).done();
    expect((await coded(() => parseWav(bare, 'a'))).code).toBe('EQM_DATA_MALFORMED');
  });

  it('survives damaged files', () => {
    fc.assert(fc.property(damaged(encodeWav(pcm16([1, 2, 3, 4]), { channels: 2 })), (input) => survives(() => parseWav(input, 'a'))));
  });

  it('says that a file is missing', async () => {
    expect((await coded(() => readWav('/no/such.wav'))).code).toBe('EQM_DATA_MISSING');
  });
});
