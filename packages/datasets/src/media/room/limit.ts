import { EquimodalError } from '@equimodal/core';

/** The variable that holds the limit. */
export const LIMIT_VARIABLE = 'EQUIMODAL_MEDIA_CACHE_LIMIT';

const DEFAULT = '50GB';
const UNITS: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/**
 * Bytes that decoded files may take on disk: EQUIMODAL_MEDIA_CACHE_LIMIT, a number with KB, MB, GB or TB (of 1024) or without a
 * unit (bytes), or `none`. Default 50 GB.
 *
 * @returns Infinity for `none`.
 * @throws EQM_CONFIG_INVALID for anything else.
 */
export function mediaCacheLimit(env: NodeJS.ProcessEnv = process.env): number {
  const text = (env[LIMIT_VARIABLE] || DEFAULT).trim().toUpperCase();
  if (text === 'NONE') return Infinity;
  const [, number, unit] = /^(\d+(?:\.\d+)?) ?(?:([KMGT]?)I?B?)$/.exec(text) ?? [];
  const bytes = Math.floor(Number(number) * (UNITS[unit ?? ''] ?? NaN));
  if (bytes >= 1) return bytes;
  throw new EquimodalError('EQM_CONFIG_INVALID', `${LIMIT_VARIABLE} is "${env[LIMIT_VARIABLE]}", which is not a size`, {
    where: LIMIT_VARIABLE,
    fix: 'Write a size of one byte or more, as 500MB or 20GB, or none.',
  });
}
