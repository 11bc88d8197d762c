import type { z } from 'zod';
import { EquimodalError } from '../errors/errors.js';
import type { Host } from '../plugin/host.js';
import type { Kind, PinPlaces } from '../plugin/pieces.js';
import { suggestion } from '../text/suggest.js';
import { commonDatasetOptions, withProtocol } from './dataset.js';
import { commonEncoderOptions, writtenOut } from './encoder.js';
import { choiceKind } from './nested.js';
import type { Problems } from './problems.js';
import type { UseInput } from './schema.js';
import type { ConfigPath } from './source.js';

/** A chosen piece in a resolved config: `use` and every option, defaults filled in. */
export interface UseSpec {
  readonly use: string;
  readonly [option: string]: unknown;
}

/**
 * Checks a `use` against the host: the id exists, the options fit its schema, and so do the pieces that options name.
 * Adds problems, returns undefined on failure.
 */
export function chooseIn(host: Host, problems: Problems, kind: Kind, input: UseInput, path: ConfigPath): UseSpec | undefined {
  const { use, ...given } = typeof input === 'string' ? { use: input } : input;
  if (!host.hasPiece(kind, use)) {
    const at = typeof input === 'string' ? path : [...path, 'use'];
    problems.add(at, `there is no ${kind} "${use}"; ${suggestion(use, host.ids(kind))}`, 'EQM_CONFIG_UNKNOWN_ID');
    return undefined;
  }
  const piece = host.piece(kind, use);
  const own: z.ZodObject = piece.options;
  const [schema, written] = optionsOf(kind, own, given);
  const options: Record<string, unknown> | undefined = problems.parse(schema.strict(), written, path);
  if (options === undefined) return undefined;
  const inside: Record<string, UseSpec> = {};
  for (const [key, option] of Object.entries(own.shape as Record<string, unknown>)) {
    const nested = choiceKind(option);
    if (nested === undefined || options[key] == null) continue;
    const spec = chooseIn(host, problems, nested, options[key] as UseInput, [...path, key]);
    if (spec === undefined) return undefined;
    inside[key] = spec;
  }
  const spec = { use, ...options, ...inside };
  return piece.pin === undefined ? spec : pinned(problems, spec, piece.pin as PinHook, path);
}

type PinHook = (options: Record<string, unknown>, places: PinPlaces) => Record<string, unknown>;

function pinned(problems: Problems, { use, ...options }: UseSpec, pin: PinHook, path: ConfigPath): UseSpec | undefined {
  try {
    return { use, ...pin(options, { baseDir: problems.source.baseDir }) };
  } catch (cause) {
    if (!(cause instanceof EquimodalError)) throw cause;
    problems.add(path, [cause.message, cause.where, cause.fix].filter((part) => part !== undefined).join('; '));
    return undefined;
  }
}

/** The options a choice may have: the piece's own and those that the host sees to. */
function optionsOf(kind: Kind, own: z.ZodObject, given: Readonly<Record<string, unknown>>): [z.ZodObject, Record<string, unknown>] {
  if (kind === 'encoder') return [own.safeExtend(commonEncoderOptions), writtenOut(given)];
  if (kind === 'dataset') return [own.safeExtend(commonDatasetOptions), withProtocol(given)];
  return [own, { ...given }];
}
