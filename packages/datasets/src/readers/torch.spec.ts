import fc from 'fast-check';
import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { coded, survives } from '../data-root.fixture.js';
import { damaged } from './encode.fixture.js';
import { parseTorch } from './torch.js';
import fixture from './torch.fixture.json' with { type: 'json' };

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

describe('torch', () => {
  it.each(Object.entries(fixture.cases))('reads a tensor: %s', (name, text) => {
    const { shape, data } = parseTorch(bytesOf(text), 'a.pt');
    const expected: Readonly<Record<string, [number[], number[]]>> = {
      transposed: [
        [3, 2],
        [0, 3, 1, 4, 2, 5],
      ],
      part: [
        [2, 2],
        [1, 2, 4, 5],
      ],
    };
    const [size, values] = expected[name] ?? [
      [2, 3],
      [0, 1, 2, 3, 4, 5],
    ];
    expect(shape).toEqual(size);
    expect([...data]).toEqual(values);
  });

  it.each(Object.entries(fixture.refused))('refuses %s', async (name, text) => {
    const error = await coded(() => parseTorch(bytesOf(text), 'a.pt'));
    expect(error.code).toBe('EQM_DATA_MALFORMED');
    expect(error.where).toContain('a.pt');
    expect(error.message).toContain(name);
  });

  it('refuses a zip file of something else, and storage that is shorter than the tensor', async () => {
    expect((await coded(() => parseTorch(zipSync({ 'a.txt': strToU8('hi') }), 'a.pt'))).message).toContain('data.pkl');
    const pickle = "ctorch._utils\n_rebuild_tensor_v2\n((S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\nI4\ntQI0\n(I4\nt(I1\ntI00\nNtR.";
    const short = zipSync({ 'x/data.pkl': strToU8(pickle), 'x/data/0': new Uint8Array(12) });
    expect((await coded(() => parseTorch(short, 'a.pt'))).message).toContain('need 16 bytes');
    const beyond = zipSync({ 'x/data.pkl': strToU8(pickle.replace('I0\n(I4', 'I2\n(I4')), 'x/data/0': new Uint8Array(16) });
    expect((await coded(() => parseTorch(beyond, 'a.pt'))).message).toContain('beyond its storage');
  });

  it('survives damaged files', () => {
    for (const text of [fixture.cases.float32, fixture.cases.numpy]) {
      fc.assert(
        fc.property(damaged(bytesOf(text)), (input) => survives(() => parseTorch(input, 'a'))),
        { numRuns: 150 },
      );
    }
  });
});
