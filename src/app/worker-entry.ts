// First file of a worker thread: joins the data plane of this thread to the messages of the main thread.
import { parentPort, workerData } from 'node:worker_threads';
import { invariant } from '../errors/bug.ts';
import type { PlaneCommand, PlaneSetup } from './messages.ts';
import { WorkerPlane } from './worker-plane.ts';

const port = parentPort;
invariant(port !== null, 'worker-entry.ts runs only as a worker thread');

const plane = new WorkerPlane(workerData as PlaneSetup, (event) => port.postMessage(event));
port.on('message', (command: PlaneCommand) => plane.receive(command));
// A rejection nobody handled is a bug: the thread dies, says so, and is replaced. The others go on.
process.on('unhandledRejection', (reason) => {
  throw reason;
});
