import { RandomStream, type LoadedDataset, type ModalitySpec } from '@equimodal/core';

/** A stream that remembers whether anything was asked of it. */
class WatchedStream extends RandomStream {
  used = false;

  override at(name: string | number): RandomStream {
    this.used = true;
    return super.at(name);
  }
  override get key(): readonly [number, number] {
    this.used = true;
    return super.key;
  }
}

/** Rows that are read to see whether random numbers are drawn. */
const PROBED = 8;

/**
 * Whether training passes change the values of a modality: as its spec says, else whether reading training rows draws any
 * random number at all.
 */
export async function isAugmented(dataset: LoadedDataset, { augmented }: ModalitySpec): Promise<boolean> {
  if (augmented !== undefined) return augmented;
  const { train } = dataset.splits;
  const stream = new WatchedStream(0, 'augmentation-check');
  await train.read(
    Int32Array.from({ length: Math.min(PROBED, train.size) }, (_, i) => i),
    stream,
  );
  return stream.used;
}
