import { z } from 'zod';
import type { Host } from '../plugin/host.js';
import { KINDS, type Kind } from '../plugin/pieces.js';
import { useSchema } from './schema.js';
import type { UseSpec } from './use.js';

/**
 * An option that names another piece, as a wrapper does. The host checks it like any other choice; the factory makes it
 * with `resolver.resolve(PIECES)`.
 *
 * @example
 * options: z.strictObject({ encoder: choiceOf('encoder').describe('the encoder inside') })
 */
export function choiceOf(kind: Kind): typeof useSchema {
  return useSchema.meta({ piece: kind });
}

/** Kind of piece that an option names, if it does. */
export function choiceKind(option: unknown): Kind | undefined {
  let schema = option;
  while (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable) schema = schema.unwrap();
  const kind = schema instanceof z.ZodType ? schema.meta()?.['piece'] : undefined;
  return KINDS.find((one) => one === kind);
}

/** The checked choices inside a checked choice. */
export function nestedChoices(
  host: Host,
  kind: Kind,
  spec: UseSpec,
): { readonly key: string; readonly kind: Kind; readonly spec: UseSpec }[] {
  return Object.entries(host.piece(kind, spec.use).options.shape as Record<string, unknown>).flatMap(([key, option]) => {
    const inside = choiceKind(option);
    const value = spec[key];
    return inside === undefined || value == null ? [] : [{ key, kind: inside, spec: value as UseSpec }];
  });
}
