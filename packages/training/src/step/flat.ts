import type { Tensor } from '@tensorflow/tfjs-core';

/** The entries of a flat record below `part/`, with the part removed. */
export function partOf<T>(entries: Readonly<Record<string, T>>, part: string): Record<string, T> {
  const head = `${part}/`;
  const out: Record<string, T> = {};
  for (const [name, entry] of Object.entries(entries)) if (name.startsWith(head)) out[name.slice(head.length)] = entry;
  return out;
}

/** Puts entries below `part/`. */
export function asPart(part: string, tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${part}/${name}`, tensor]));
}
