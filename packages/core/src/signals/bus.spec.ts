import { map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { SignalBus } from './bus.js';
import type { Signal } from './signals.js';

const warning = (message: string) => ({ source: 'test', message });

describe('SignalBus', () => {
  it('delivers in order, numbered, frozen all the way down', () => {
    const bus = new SignalBus();
    const seen: Signal[] = [];
    bus.all$.subscribe((signal) => seen.push(signal));
    bus.emit('warning', warning('one'));
    bus.emit('alpha.updated', { epoch: 0, step: 0, alpha: 1, previous: 1, details: { residual: 0.5 } });
    expect(seen.map(({ type, index }) => [type, index])).toEqual([
      ['warning', 0],
      ['alpha.updated', 1],
    ]);
    expect(Object.isFrozen(seen[1])).toBe(true);
    expect(Object.isFrozen((seen[1] as { details: object }).details)).toBe(true);
  });

  it('delivers what a subscriber emits after the signal it answers', () => {
    const bus = new SignalBus();
    const order: string[] = [];
    bus.on('warning').subscribe(({ message }) => {
      if (message === 'first') bus.emit('warning', warning('second'));
    });
    bus.on('warning').subscribe(({ message }) => order.push(message));
    bus.emit('warning', warning('first'));
    expect(order).toEqual(['first', 'second']);
  });

  it('turns a throwing subscriber into one warning, also behind operators, and goes on', () => {
    const bus = new SignalBus();
    const seen: string[] = [];
    let calls = 0;
    bus
      .on('epoch.started')
      .pipe(map(({ epoch }) => epoch))
      .subscribe(() => {
        calls++;
        throw new Error('broken observer');
      });
    bus.on('warning').subscribe(({ message }) => seen.push(message));
    for (let epoch = 0; epoch < 3; epoch++) bus.emit('epoch.started', { epoch, learningRate: 1, alpha: 0 });
    expect(calls).toBe(3);
    expect(seen).toEqual(['an observer threw: broken observer; training goes on']);
  });

  it('turns a rejected promise of a subscriber into a warning', async () => {
    const bus = new SignalBus();
    const seen: string[] = [];
    bus.on('warning').subscribe(({ message }) => seen.push(message));
    bus.on('epoch.started').subscribe((async () => Promise.reject(new Error('slow and broken'))) as () => void);
    bus.emit('epoch.started', { epoch: 0, learningRate: 1, alpha: 0 });
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(seen[0]).toContain('slow and broken');
  });
});
