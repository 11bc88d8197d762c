import { EquimodalError } from '@equimodal/core';
import { logGamma } from './gamma.js';

/** Continued fraction of the incomplete beta function, by Lentz's method (Numerical Recipes, section 6.4). */
function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let h = d;
  for (let m = 1; m <= 1000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return h;
}

/** Regularised incomplete beta function I_x(a, b); `y` is 1 - x, given apart so that small values keep their digits. */
export function incompleteBeta(x: number, y: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(y));
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(y, b, a)) / b;
}

function checkDegrees(degrees: number, where: string): void {
  if (!(degrees > 0)) {
    throw new EquimodalError('EQM_INTERNAL', `degrees of freedom must be above 0, got ${degrees}`, { where });
  }
}

/** Two-sided tail of Student's t: P(|T| >= |t|) with `degrees` degrees of freedom. Keeps its digits far out in the tail. */
export function tTwoSided(t: number, degrees: number): number {
  checkDegrees(degrees, 'tTwoSided');
  if (Number.isNaN(t)) return NaN;
  if (!Number.isFinite(t)) return 0;
  const square = t * t;
  return incompleteBeta(degrees / (degrees + square), square / (degrees + square), degrees / 2, 0.5);
}

/**
 * Distribution function of Student's t: P(T <= t) = 1 - I_x(n/2, 1/2) / 2 for t >= 0, x = n / (n + t^2).
 *
 * @throws EQM_INTERNAL when `degrees` is not above 0.
 */
export function tCdf(t: number, degrees: number): number {
  const tail = tTwoSided(t, degrees) / 2;
  return t > 0 ? 1 - tail : tail;
}

/**
 * Quantile of Student's t: the t with P(T <= t) = p.
 *
 * Found by bisection on the two-sided tail, so it is exact to the last digits for every p and any degrees of freedom.
 * @throws EQM_INTERNAL when `p` is not in (0, 1) or `degrees` is not above 0.
 */
export function tQuantile(p: number, degrees: number): number {
  checkDegrees(degrees, 'tQuantile');
  if (!(p > 0 && p < 1)) {
    throw new EquimodalError('EQM_INTERNAL', `a probability must be between 0 and 1, got ${p}`, {
      where: 'tQuantile',
    });
  }
  if (p === 0.5) return 0;
  const tail = 2 * Math.min(p, 1 - p);
  let low = 0;
  let high = 1;
  while (tTwoSided(high, degrees) > tail && high < 1e300) {
    low = high;
    high *= 2;
  }
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (tTwoSided(middle, degrees) > tail) low = middle;
    else high = middle;
  }
  return (p > 0.5 ? 1 : -1) * ((low + high) / 2);
}

/** Upper tail of Snedecor's F: P(F >= f) with `over` and `under` degrees of freedom. */
export function fTail(f: number, over: number, under: number): number {
  if (f <= 0) return 1;
  return incompleteBeta(under / (under + over * f), (over * f) / (under + over * f), under / 2, over / 2);
}
