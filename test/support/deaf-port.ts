// A port that accepts nothing: connecting to it takes for ever, as with a host behind a firewall that drops packets.
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

export interface DeafPort {
  readonly port: number;
  close(): Promise<void>;
}

/** A listening port whose queue of connections is full: the kernel leaves further handshakes unanswered. */
export async function startDeafPort(): Promise<DeafPort> {
  const worker = new Worker(
    `const { createServer } = require('node:net');
     const { parentPort } = require('node:worker_threads');
     const server = createServer();
     server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
       parentPort.postMessage(server.address().port);
       setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
     });`,
    { eval: true },
  );
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  const fillers: Socket[] = [];
  for (let isTaken = true; isTaken && fillers.length < 16; ) {
    const socket = connect({ port, host: '127.0.0.1' });
    fillers.push(socket);
    socket.on('error', () => {});
    isTaken = await Promise.race([
      new Promise<boolean>((resolve) => socket.once('connect', () => resolve(true))),
      new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 150)),
    ]);
  }
  return {
    port,
    async close() {
      for (const socket of fillers) socket.destroy();
      await worker.terminate();
    },
  };
}
