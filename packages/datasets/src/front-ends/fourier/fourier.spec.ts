import { describe, expect, it } from 'vitest';
import { coded } from '../../data-root.fixture.js';
import { Fourier, radicesOf } from './fourier.js';

function signal(n: number): { re: Float64Array; im: Float64Array } {
  return {
    re: Float64Array.from({ length: n }, (_, i) => Math.sin(i * i + 1)),
    im: Float64Array.from({ length: n }, (_, i) => Math.cos(3 * i * i)),
  };
}

/** The sum itself. */
function direct({ re, im }: { re: Float64Array; im: Float64Array }): { re: number[]; im: number[] } {
  const out: { re: number[]; im: number[] } = { re: [], im: [] };
  for (let k = 0; k < re.length; k++) {
    let [a, b] = [0, 0];
    re.forEach((x, i) => {
      const angle = (-2 * Math.PI * ((i * k) % re.length)) / re.length;
      a += x * Math.cos(angle) - im[i]! * Math.sin(angle);
      b += x * Math.sin(angle) + im[i]! * Math.cos(angle);
    });
    out.re.push(a);
    out.im.push(b);
  }
  return out;
}

describe('Fourier transform', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 12, 35, 49, 64, 105, 210, 441, 640])('of %i numbers is the sum that defines it', (n) => {
    const values = signal(n);
    const expected = direct(values);
    new Fourier(n).forward(values);
    expected.re.forEach((value, k) => expect(Math.abs(values.re[k]! - value)).toBeLessThan(1e-10));
    expected.im.forEach((value, k) => expect(Math.abs(values.im[k]! - value)).toBeLessThan(1e-10));
  });

  it.each([8, 60, 147, 1764])('of %i numbers and back is n times the same', (n) => {
    const values = signal(n);
    const fourier = new Fourier(n);
    fourier.forward(values);
    fourier.inverse(values);
    const { re, im } = signal(n);
    re.forEach((value, i) => expect(Math.abs(values.re[i]! / n - value)).toBeLessThan(1e-12));
    im.forEach((value, i) => expect(Math.abs(values.im[i]! / n - value)).toBeLessThan(1e-12));
  });

  it('needs a length without other primes', async () => {
    expect(radicesOf(22)).toBeUndefined();
    expect((await coded(() => new Fourier(22))).message).toContain('22');
    expect((await coded(() => new Fourier(0))).code).toBe('EQM_CONFIG_INVALID');
  });
});
