import { describe, expect, it } from 'vitest';
import { coded } from '../../data-root.fixture.js';
import { Fourier, radicesOf } from './fourier.js';

function signal(n: number): { re: Float64Array; im: Float64Array } {
  return {
    re: Float64Array.from({ length: n }, (_, i) => Math.sin(i * i + 1)),
    im: Float64Array.from({ length: n }, (_, i) => Math.cos(3 * i * i)),
  };
}

/** A transform whose input is the signal. */
function filled(n: number): Fourier {
  const fourier = Fourier.of(n);
  const { re, im } = signal(n);
  fourier.input.re.set(re);
  fourier.input.im.set(im);
  return fourier;
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
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 20, 25, 28, 35, 49, 64, 105, 210, 441, 640])('of %i numbers is the sum that defines it', (n) => {
    const expected = direct(signal(n));
    const values = filled(n).forward();
    expected.re.forEach((value, k) => expect(Math.abs(values.re[k]! - value)).toBeLessThan(1e-10));
    expected.im.forEach((value, k) => expect(Math.abs(values.im[k]! - value)).toBeLessThan(1e-10));
  });

  it.each([8, 60, 147, 1764])('of %i numbers and back is n times the same', (n) => {
    const { re, im } = signal(n);
    const fourier = filled(n);
    const { input } = fourier;
    const transformed = fourier.forward();
    input.re.set(transformed.re);
    input.im.set(transformed.im);
    const values = fourier.inverse();
    re.forEach((value, i) => expect(Math.abs(values.re[i]! / n - value)).toBeLessThan(1e-12));
    im.forEach((value, i) => expect(Math.abs(values.im[i]! / n - value)).toBeLessThan(1e-12));
  });

  it('needs a length without other primes', async () => {
    expect(radicesOf(22)).toBeUndefined();
    expect((await coded(() => Fourier.of(22))).message).toContain('22');
    expect((await coded(() => Fourier.of(0))).code).toBe('EQM_CONFIG_INVALID');
  });
});
