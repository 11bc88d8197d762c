import type { Json } from '@equimodal/core';

/** One place in which two JSON values differ; a side that has nothing there is undefined. */
export interface Difference {
  /** Dotted, lists by number: `training.optimizer.learningRate`, `losses.0.weight`; empty for the whole. */
  readonly path: string;
  readonly a: Json | undefined;
  readonly b: Json | undefined;
}

/** Where two JSON values differ, in the order of `a`, what only `b` has last. A part that only one side has is one difference. */
export function differences(a: Json | undefined, b: Json | undefined, path = ''): Difference[] {
  if (isMap(a) && isMap(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    return keys.flatMap((key) => differences(a[key], b[key], path === '' ? key : `${path}.${key}`));
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    if (a.every(isPlain) && b.every(isPlain)) return same(a, b) ? [] : [{ path, a, b }];
    const length = Math.max(a.length, b.length);
    return Array.from({ length }, (_, i) => differences(a[i], b[i], path === '' ? `${i}` : `${path}.${i}`)).flat();
  }
  return same(a, b) ? [] : [{ path, a, b }];
}

const isMap = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isPlain = (value: Json): boolean => typeof value !== 'object' || value === null;
const same = (a: Json | undefined, b: Json | undefined): boolean => JSON.stringify(a) === JSON.stringify(b);
