import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Engine } from '../contracts/engine.js';
import type { RunControls } from '../contracts/observer.js';
import { EquimodalError } from '../errors/errors.js';
import { RandomStream } from '../random/random.js';
import { SignalBus } from '../signals/bus.js';
import { Host } from './host.js';
import { definePiece } from './pieces.js';
import { CONTRACT_VERSION, definePlugin } from './plugin.js';
import { createToken, SIGNALS } from './tokens.js';

const half = definePiece({
  kind: 'alpha-scheduler',
  id: 'half',
  description: 'alpha = value',
  facts: {},
  options: z.object({ value: z.number().default(0.5) }),
  create: ({ value }) => ({ initial: value, update: () => ({ alpha: value }) }),
});
const plugin = (extra: object = {}) => definePlugin({ name: 'test', contractVersion: CONTRACT_VERSION, provides: [half], ...extra });
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return error instanceof EquimodalError ? error.code : String(error);
  }
  return 'no error';
};
const services = () => ({ signals: new SignalBus(), controls: {} as RunControls, random: new RandomStream(0), engine: {} as Engine });

describe('Host', () => {
  it('finds pieces and suggests the nearest id', () => {
    const host = new Host([plugin()]);
    expect(host.piece('alpha-scheduler', 'half').id).toBe('half');
    expect(() => host.piece('alpha-scheduler', 'hlaf')).toThrow(/did you mean "half"/);
    expect(codeOf(() => host.piece('metric', 'half'))).toBe('EQM_CONFIG_UNKNOWN_ID');
  });

  it('refuses what is no plugin, another contract version, duplicates and missing requirements', () => {
    expect(codeOf(() => new Host([{ name: 'x' } as never]))).toBe('EQM_PLUGIN_LOAD');
    expect(codeOf(() => new Host([plugin({ contractVersion: 99 })]))).toBe('EQM_PLUGIN_CONTRACT');
    expect(codeOf(() => new Host([plugin(), plugin({ name: 'other' })]))).toBe('EQM_PLUGIN_DUPLICATE');
    expect(codeOf(() => new Host([plugin({ requires: ['fusion:concat'] })]))).toBe('EQM_PLUGIN_REQUIRES');
    expect(codeOf(() => new Host([plugin({ provides: [{ kind: 'nonsense', id: 'x' }] })]))).toBe('EQM_PLUGIN_CONTRACT');
  });

  it('gives each run a container of its own, and nothing is global', async () => {
    const COUNTER = createToken<{ n: number }>('test-counter');
    const host = new Host([
      plugin({ register: (container: { register(t: symbol, p: object): void }) => container.register(COUNTER, { useValue: { n: 0 } }) }),
    ]);
    const [one, two] = [services(), services()];
    const [a, b] = [host.openRun(one), host.openRun(two)];
    expect(a.resolve(SIGNALS)).toBe(one.signals);
    expect(b.resolve(SIGNALS)).toBe(two.signals);
    a.resolve(COUNTER).n = 5;
    expect(b.resolve(COUNTER).n).toBe(0);
    expect(codeOf(() => new Host().openRun(services()).resolve(COUNTER))).toBe('EQM_PLUGIN_REQUIRES');
    await a.dispose();
    await b.dispose();
  });

  it('names the piece whose factory threw', () => {
    const broken = definePiece({
      ...half,
      id: 'broken',
      create: () => {
        throw new Error('no');
      },
    });
    const host = new Host([plugin({ provides: [broken] })]);
    expect(() => host.create('alpha-scheduler', { use: 'broken', options: {} }, { epochs: 1 })).toThrow(
      /factory of alpha-scheduler "broken" threw: no/,
    );
  });
});
