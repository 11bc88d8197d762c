import { expect, it } from '../runner/runner.js';
import type { Trial } from '../kit/conformance.js';

export function checkEngine({ host, piece, options }: Trial): void {
  it('says whether it can be used here, and why', async () => {
    const provider = host.create('engine', { use: piece.id, options }, { debug: false, threads: undefined });
    const { usable, reason } = await provider.probe();
    expect(typeof usable).toBe('boolean');
    expect(reason.length).toBeGreaterThan(5);
  });
}
