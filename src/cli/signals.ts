// Signals of the terminal and of service managers, as promises and calls.

const ENDING = ['SIGINT', 'SIGTERM'] as const;

/** Calls on every SIGINT and SIGTERM; returns how to stop listening. */
export function onEndingSignal(call: (signal: (typeof ENDING)[number]) => void): () => void {
  for (const signal of ENDING) process.on(signal, call);
  return () => {
    for (const signal of ENDING) process.off(signal, call);
  };
}

/** Resolves at the first SIGINT or SIGTERM. */
export function onceInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    const stop = onEndingSignal(() => {
      stop();
      resolve();
    });
  });
}
