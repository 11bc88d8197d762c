import type { WeightName } from '@equimodal/core';

/** A linear layer: `kernel` and, if it has one, `bias`. */
export function linearNames(path: string, tensor: string, bias = true): WeightName[] {
  const kernel: WeightName = { path: `${path}/kernel`, tensor: `${tensor}.weight`, layout: 'linear' };
  return bias ? [kernel, { path: `${path}/bias`, tensor: `${tensor}.bias`, layout: 'as-is' }] : [kernel];
}

/** A norm: `scale` and `offset`; the first published files of BERT call them gamma and beta. */
export function normNames(path: string, tensor: string): WeightName[] {
  return [
    { path: `${path}/scale`, tensor: `${tensor}.weight`, aliases: [`${tensor}.gamma`], layout: 'as-is' },
    { path: `${path}/offset`, tensor: `${tensor}.bias`, aliases: [`${tensor}.beta`], layout: 'as-is' },
  ];
}

/** An embedding: `table`. */
export function tableNames(path: string, tensor: string): WeightName[] {
  return [{ path: `${path}/table`, tensor: `${tensor}.weight`, layout: 'as-is' }];
}

/** What the parts of one layer of a published transformer are called, below the layer. */
export interface BlockNames {
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly out: string;
  readonly norm1: string;
  readonly linear1: string;
  readonly linear2: string;
  readonly norm2: string;
}

/** The layers of a stack: ours below `layers/<i>`, theirs below `<prefix>.<i>`. */
export function stackNames(depth: number, prefix: string, theirs: BlockNames): WeightName[] {
  return Array.from({ length: depth }, (_, i) => {
    const at = (name: keyof BlockNames): string => `${prefix}.${i}.${theirs[name]}`;
    return [
      ...(['query', 'key', 'value', 'out'] as const).flatMap((name) => linearNames(`layers/${i}/attention/${name}`, at(name))),
      ...(['norm1', 'norm2'] as const).flatMap((name) => normNames(`layers/${i}/${name}`, at(name))),
      ...(['linear1', 'linear2'] as const).flatMap((name) => linearNames(`layers/${i}/${name}`, at(name))),
    ];
  }).flat();
}
