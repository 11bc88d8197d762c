import { EquimodalError, type ModalityKind, type ModalitySpec } from '@equimodal/core';

/**
 * Checks that an encoder takes a modality and that its shape is what its kind says.
 *
 * @throws EQM_CONFIG_INCOMPATIBLE naming encoder and modality.
 */
export function checkModality(encoder: string, accepts: readonly ModalityKind[], { name, kind, shape }: ModalitySpec): void {
  if (!accepts.includes(kind)) {
    throw new EquimodalError(
      'EQM_CONFIG_INCOMPATIBLE',
      `encoder "${encoder}" takes ${accepts.join(', ')}; modality "${name}" is of kind ${kind}`,
      {
        where: `modality "${name}"`,
        fix: 'Choose another encoder for this modality.',
      },
    );
  }
  const rank = RANKS[kind];
  if (shape.length !== rank || !shape.every((size) => Number.isInteger(size) && size > 0)) {
    throw new EquimodalError(
      'EQM_CONFIG_INCOMPATIBLE',
      `a modality of kind ${kind} has a shape of ${rank} positive sizes; "${name}" has [${shape.join(', ')}]`,
      {
        where: `modality "${name}"`,
        fix: 'Mend the shape the dataset declares (without the batch axis), or its kind.',
      },
    );
  }
}

const RANKS: Readonly<Record<ModalityKind, number>> = { vector: 1, image: 3, spectrogram: 3, sequence: 2, video: 4, tokens: 1 };

/**
 * Checks that the tokens or steps of a modality are no more than an encoder has positions.
 *
 * @throws EQM_CONFIG_INCOMPATIBLE naming encoder and modality.
 */
export function checkLength(encoder: string, { name, shape }: ModalitySpec, positions: number): void {
  if (shape[0]! <= positions) return;
  throw new EquimodalError(
    'EQM_CONFIG_INCOMPATIBLE',
    `encoder "${encoder}" has ${positions} positions; modality "${name}" has ${shape[0]!} tokens`,
    {
      where: `modality "${name}"`,
      fix: `Cut the texts to ${positions} tokens, or raise the option positions.`,
    },
  );
}
