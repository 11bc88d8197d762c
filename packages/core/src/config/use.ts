import type { Host } from '../plugin/host.js';
import type { Kind } from '../plugin/pieces.js';
import { suggestion } from '../text/suggest.js';
import type { Problems } from './problems.js';
import type { UseInput } from './schema.js';
import type { ConfigPath } from './source.js';

/** A chosen piece in a resolved config: `use` and every option, defaults filled in. */
export interface UseSpec {
  readonly use: string;
  readonly [option: string]: unknown;
}

/** Checks a `use` against the host: the id exists and the options fit its schema. Adds problems, returns undefined on failure. */
export function chooseIn(host: Host, problems: Problems, kind: Kind, input: UseInput, path: ConfigPath): UseSpec | undefined {
  const { use, ...given } = typeof input === 'string' ? { use: input } : input;
  if (!host.hasPiece(kind, use)) {
    const at = typeof input === 'string' ? path : [...path, 'use'];
    problems.add(at, `there is no ${kind} "${use}"; ${suggestion(use, host.ids(kind))}`, 'EQM_CONFIG_UNKNOWN_ID');
    return undefined;
  }
  const options = problems.parse(host.piece(kind, use).options.strict(), given, path);
  return options === undefined ? undefined : { use, ...options };
}
