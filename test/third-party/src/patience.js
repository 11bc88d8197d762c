import { definePiece, RUN_CONTROLS } from '@equimodal/core';
import { z } from 'zod';

/** Watches validation and stops the run through its controls: a subscriber that steers. What it counts is in `state`, so a resumed run goes on counting. */
export const patience = definePiece({
  kind: 'observer',
  id: 'patience',
  description: 'Stops a run that has not improved for some epochs',
  facts: {},
  options: z.object({ epochs: z.int().positive().default(5) }),
  create({ epochs }, _context, resolver) {
    const controls = resolver.resolve(RUN_CONTROLS);
    let since = 0;
    let subscription;
    return {
      start(signals) {
        subscription = signals.on('epoch.completed').subscribe(({ improved }) => {
          since = improved ? 0 : since + 1;
          if (since >= epochs) controls.stop(`no improvement for ${epochs} epochs`, 'patience');
        });
      },
      stop: () => subscription?.unsubscribe(),
      state: () => since,
      restore: (state) => {
        since = Number(state);
      },
    };
  },
});
