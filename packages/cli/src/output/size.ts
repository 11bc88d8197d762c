const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB'];

/** Bytes for people, in units of 1024: `512 bytes`, `1.5 GB`. */
export function size(bytes: number): string {
  const step = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log2(bytes) / 10)));
  const value = bytes / 1024 ** step;
  return `${step === 0 ? value : value.toFixed(1)} ${UNITS[step]!}`;
}
