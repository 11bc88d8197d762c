import fc from 'fast-check';
import { expect, it } from 'vitest';
import { truncatePair } from './text.js';

it('cuts a pair to the room there is, never more, and the shorter text only where both are long', () => {
  const text = fc.array(fc.integer({ min: 1, max: 99 }), { maxLength: 12 });
  fc.assert(
    fc.property(text, text, fc.integer({ min: 2, max: 16 }), (left, right, room) => {
      const [a, b] = truncatePair(left, right, room);
      expect(a).toEqual(left.slice(0, a.length));
      expect(b).toEqual(right.slice(0, b.length));
      expect(a.length + b.length).toBe(Math.min(room, left.length + right.length));
      if (left.length <= Math.floor(room / 2)) expect(a).toEqual(left);
      if (right.length <= Math.floor(room / 2)) expect(b).toEqual(right);
    }),
  );
});
