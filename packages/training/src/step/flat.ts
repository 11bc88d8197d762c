import type { Tensor } from '@tensorflow/tfjs-core';

/** The entries of a flat record below `part/`, with the part removed. */
export function partOf(tensors: Readonly<Record<string, Tensor>>, part: string): Record<string, Tensor> {
  const head = `${part}/`;
  const out: Record<string, Tensor> = {};
  for (const [name, tensor] of Object.entries(tensors)) if (name.startsWith(head)) out[name.slice(head.length)] = tensor;
  return out;
}

/** Puts entries below `part/`. */
export function asPart(part: string, tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${part}/${name}`, tensor]));
}
