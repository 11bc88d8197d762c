import { EquimodalError, suggestion } from '@equimodal/core';

/** How a name that is no modality is refused. */
export interface NamedBy {
  /** The option that names it. */
  readonly option: string;
  /** What the error calls it. Default: its name in quotes. */
  readonly subject?: string;
  /** Which modality is taken without the option: `first`, `last`. */
  readonly otherwise: string;
  readonly where: string;
}

/** Checks that an option names a modality of the run; throws EQM_CONFIG_INCOMPATIBLE with the nearest name when it does not. */
export function checkNamedModality(modalities: readonly string[], name: string, { option, subject, otherwise, where }: NamedBy): void {
  if (modalities.includes(name)) return;
  throw new EquimodalError(
    'EQM_CONFIG_INCOMPATIBLE',
    `${subject ?? `"${name}"`} is no modality of this run; ${suggestion(name, modalities)}`,
    { where, fix: `Set "${option}" to one of ${modalities.join(', ')}, or leave it out for the ${otherwise}.` },
  );
}
