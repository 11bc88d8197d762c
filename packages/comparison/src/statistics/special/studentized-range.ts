import { normalCdf } from './gamma.js';

const density = (z: number): number => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);

/**
 * Distribution function of the range of `k` independent standard normal values (the studentized range with infinitely many
 * degrees of freedom): P(R <= q) = k * integral of phi(z) * (Phi(z) - Phi(z - q))^(k - 1) dz, by Simpson's rule on [-8, 8 + q].
 */
export function rangeCdf(q: number, k: number): number {
  if (q <= 0) return 0;
  const [from, to, steps] = [-8, 8 + Math.min(q, 8), 600];
  const h = (to - from) / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const z = from + i * h;
    const value = density(z) * (normalCdf(z) - normalCdf(z - q)) ** (k - 1);
    sum += value * (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2);
  }
  return Math.min(1, (k * sum * h) / 3);
}

/** The q that the range of `k` standard normal values exceeds with probability `level`, by bisection. */
export function rangeQuantile(level: number, k: number): number {
  let [low, high] = [0, 20];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (rangeCdf(middle, k) < 1 - level) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
