import { describe, expect, it } from 'vitest';
import { difference, lockHash } from './lockfile.mjs';

const lock = {
  packages: {
    '': { version: '0.1.0' },
    'node_modules/zod': { version: '4.6.7', integrity: 'sha512-a' },
    'node_modules/other-platform': { version: '1.0.0', integrity: 'sha512-b', optional: true },
    'node_modules/@equimodal/core': { resolved: 'packages/core', link: true },
    'packages/core': { version: '0.1.0' },
  },
};
function installed(changes) {
  const { '': _root, 'node_modules/other-platform': _other, ...packages } = lock.packages;
  return { packages: { ...packages, ...changes } };
}

describe('difference', () => {
  it('accepts what npm installed, without packages for other platforms', () => {
    expect(difference(lock, installed({}))).toBeUndefined();
  });

  it('sees another version, checksum or kind', () => {
    expect(difference(lock, installed({ 'node_modules/zod': { version: '4.0.0', integrity: 'sha512-a' } }))).toMatch(
      /zod is 4.0.0, not 4.6.7/,
    );
    expect(difference(lock, installed({ 'node_modules/zod': { version: '4.6.7', integrity: 'sha512-x' } }))).toMatch(/checksum/);
    expect(difference(lock, installed({ 'node_modules/@equimodal/core': {} }))).toMatch(/kind/);
  });

  it('sees what is missing and what is left over', () => {
    expect(difference(lock, installed({ 'node_modules/zod': undefined }))).toBe('node_modules/zod is missing');
    expect(difference(lock, installed({ 'node_modules/left': { version: '1.0.0' } }))).toMatch(/left is not in/);
  });

  it('does not trust an installation without a record', () => {
    expect(difference(lock, undefined)).toBeDefined();
  });
});

describe('lockHash', () => {
  it('is SHA-256', () => {
    // FIPS 180-2, appendix B.1
    expect(lockHash('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
