// A data-plane thread as the main thread sees it: a worker thread, or the same code in this thread (`--workers 0`).
import { Worker } from 'node:worker_threads';
import type { PlaneCommand, PlaneEvent, PlaneSetup } from './messages.ts';
import { WorkerPlane } from './worker-plane.ts';

export interface ThreadListener {
  onEvent(event: PlaneEvent): void;
  /** The thread is gone, wanted or not. `reason` is for the log. */
  onExit(reason: string): void;
}

export interface PlaneThread {
  send(command: PlaneCommand): void;
  /** Ends the thread at once; `onExit` follows. */
  terminate(): void;
}

export type StartThread = (setup: PlaneSetup, listener: ThreadListener) => PlaneThread;

/**
 * Young generation of a worker's heap. Requests make short-lived objects only: with too little room the scavenger runs so often that
 * some of them are promoted, with too much every allocation misses the processor's last cache.
 * hot: CPU per request at 64 MB ÷ that at 32 in alternating rounds, with 32 MB of last-level cache: 1.06 (GET, 7 rounds), and 1.26
 * (POST chat, 9 rounds on a noisy machine). Less than 24 MB was no better in the runs made, all of them noisy.
 */
const YOUNG_GENERATION_MB = 32;

export function startWorkerThread(setup: PlaneSetup, listener: ThreadListener): PlaneThread {
  const worker = new Worker(
    new URL(import.meta.url.endsWith('.ts') ? './worker-entry.ts' : './worker-entry.js', import.meta.url),
    {
      name: `switchyard-${setup.threadId}`,
      workerData: setup,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    },
  );
  let reason = '';
  worker.on('message', (event: PlaneEvent) => listener.onEvent(event));
  worker.on('error', (error: Error) => {
    reason = error.stack ?? error.message;
  });
  worker.on('exit', (code) => listener.onExit(reason === '' ? `exit code ${code}` : reason));
  return {
    send: (command) => worker.postMessage(command),
    terminate: () => void worker.terminate(),
  };
}

/** Runs the plane in this thread. Messages arrive later all the same, so that both kinds behave alike. */
export function startInThread(setup: PlaneSetup, listener: ThreadListener): PlaneThread {
  let isOver = false;
  const plane = new WorkerPlane(setup, (event) => {
    queueMicrotask(() => {
      if (!isOver) listener.onEvent(event);
    });
  });
  return {
    send: (command) => queueMicrotask(() => void plane.receive(command)),
    terminate() {
      if (isOver) return;
      isOver = true;
      plane.close();
      queueMicrotask(() => listener.onExit('ended'));
    },
  };
}
