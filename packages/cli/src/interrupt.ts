/** An abort signal that Ctrl-C sets, or that a terminal sets which is closed. A second Ctrl-C ends the process at once. */
export function onInterrupt(): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const handler = (signal: NodeJS.Signals): void => {
    // The terminal is gone: nobody can be told, which is no reason to fail.
    if (signal === 'SIGHUP') process.stderr.on('error', () => {});
    if (controller.signal.aborted) process.exit(130);
    process.stderr.write('\ninterrupted: finishing the step and keeping a checkpoint (again to end at once)\n');
    controller.abort();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, handler);
  return {
    signal: controller.signal,
    release() {
      for (const signal of signals) process.off(signal, handler);
    },
  };
}
