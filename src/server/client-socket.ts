// Accepted plain sockets read into the thread's one buffer, as sockets to endpoints do (docs/decisions/0009). Node offers this to
// sockets that connect (`onread`), not to those a server accepts, so the accepted handle is given to a socket made with it.
import net, { type Socket } from 'node:net';
import { readBuffer } from '../base/read-buffer.ts';

/** Takes what was read. */
export interface ReadTarget {
  /** `bytes[0, length)` is valid only during the call. */
  receiveShared(bytes: Buffer, length: number): void;
}

/** Where the reads of one socket go. Without a target they are the socket's own 'data' events again. */
export interface SharedReads {
  target: ReadTarget | undefined;
}

export interface ClientSocket {
  readonly socket: Socket;
  /** Undefined: the socket emits 'data'. */
  readonly reads: SharedReads | undefined;
}

interface Handle {
  readonly useUserBuffer?: unknown;
}

/** `accepted` must not have begun to read (`pauseOnConnect`). Where node's inside is not as expected it serves as it is. */
export function openClientSocket(accepted: Socket): ClientSocket {
  const holder = accepted as unknown as { _handle: Handle | null };
  const handle = holder._handle;
  if (typeof handle?.useUserBuffer !== 'function') {
    accepted.resume();
    return { socket: accepted, reads: undefined };
  }
  holder._handle = null;
  const reads: SharedReads = { target: undefined };
  const options = {
    handle,
    readable: true,
    writable: true,
    onread: {
      buffer: readBuffer,
      callback(length: number): boolean {
        if (reads.target === undefined) return socket.push(Buffer.from(readBuffer.subarray(0, length)));
        reads.target.receiveShared(readBuffer, length);
        return true;
      },
    },
  };
  const socket: Socket = new net.Socket(options as unknown as net.SocketConstructorOpts);
  // The server counts the socket it accepted, and is closed only when that one is.
  socket.once('close', () => accepted.destroy());
  return { socket, reads };
}
