import { expect, it } from 'vitest';
import { size } from './size.js';

it.each([
  [0, '0 bytes'],
  [1023, '1023 bytes'],
  [1024, '1.0 KB'],
  [1.5 * 2 ** 30, '1.5 GB'],
  [2 ** 50, '1024.0 TB'],
])('writes %d as %s', (bytes, text) => expect(size(bytes)).toBe(text));
