import type { Tensor } from '@tensorflow/tfjs-core';
import type { Bundle } from '@equimodal/core';

/** A bundle as a list, with the names it is put together by again. */
export interface FlatBundle {
  readonly tensors: readonly Tensor[];
  /** Names, paths, types and shapes: inputs with one signature can be fed to one graph. */
  readonly signature: string;
}

export function flatten(bundle: Bundle): FlatBundle {
  const tensors: Tensor[] = [];
  let signature = '';
  for (const name in bundle) {
    signature += `;${name}`;
    const tree = bundle[name]!;
    for (const path in tree) {
      const tensor = tree[path]!;
      tensors.push(tensor);
      signature += `,${path}:${tensor.dtype}${tensor.shape.join('x')}`;
    }
  }
  return { tensors, signature };
}
