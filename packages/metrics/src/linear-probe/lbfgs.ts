/** A function with its gradient. */
export type Objective = (at: Float64Array) => { readonly value: number; readonly gradient: Float64Array };

export interface MinimiseOptions {
  readonly iterations: number;
  /** Ends where no entry of the gradient is larger. Default 1e-5. */
  readonly tolerance?: number;
}

/** Pairs of steps and changes of the gradient that stand for the Hessian. */
const MEMORY = 10;
/** Sufficient decrease, and how much a step that lacks it is shortened. */
const [DECREASE, SHORTEN, TRIES] = [1e-4, 0.5, 30];

/**
 * Minimises a smooth function by L-BFGS with a backtracking line search (Nocedal & Wright, algorithm 7.5). Deterministic.
 *
 * @param start left as it is
 */
export function minimise(objective: Objective, start: Float64Array, { iterations, tolerance = 1e-5 }: MinimiseOptions): Float64Array {
  let x: Float64Array = start.slice();
  let { value, gradient } = objective(x);
  const memory: { s: Float64Array; y: Float64Array; rho: number }[] = [];
  for (let k = 0; k < iterations && largest(gradient) > tolerance; k++) {
    const direction = descent(gradient, memory);
    const slope = dot(direction, gradient);
    // The very first step has no curvature to go by: one of length 1 at most.
    let step = memory.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1;
    let next: { x: Float64Array; value: number; gradient: Float64Array } | undefined;
    for (let tries = 0; tries < TRIES && next === undefined; tries++, step *= SHORTEN) {
      const candidate = x.map((entry, i) => entry + step * direction[i]!);
      const there = objective(candidate);
      if (there.value <= value + DECREASE * step * slope) next = { x: candidate, ...there };
    }
    if (next === undefined) break;
    const [s, y] = [difference(next.x, x), difference(next.gradient, gradient)];
    const curvature = dot(s, y);
    if (curvature > 1e-12) memory.push({ s, y, rho: 1 / curvature });
    if (memory.length > MEMORY) memory.shift();
    ({ x, value, gradient } = next);
  }
  return x;
}

/** Minus the inverse Hessian, as far as it is known, times the gradient. */
function descent(gradient: Float64Array, memory: readonly { s: Float64Array; y: Float64Array; rho: number }[]): Float64Array {
  const q = gradient.slice();
  const alphas: number[] = [];
  for (const { s, y, rho } of [...memory].reverse()) {
    const alpha = rho * dot(s, q);
    alphas.push(alpha);
    add(q, -alpha, y);
  }
  const last = memory.at(-1);
  const scale = last === undefined ? 1 : 1 / (last.rho * dot(last.y, last.y));
  for (let i = 0; i < q.length; i++) q[i]! *= scale;
  for (const { s, y, rho } of memory) add(q, alphas.pop()! - rho * dot(y, q), s);
  return q.map((entry) => -entry);
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, entry, i) => sum + entry * b[i]!, 0);
const difference = (a: Float64Array, b: Float64Array): Float64Array => a.map((entry, i) => entry - b[i]!);
const largest = (a: Float64Array): number => a.reduce((most, entry) => Math.max(most, Math.abs(entry)), 0);
function add(to: Float64Array, factor: number, what: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i]! += factor * what[i]!;
}
