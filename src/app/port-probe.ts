// Asks whether a port can be had before the threads listen on it together: with `reusePort` a second gateway would share the
// port silently, and each would get half of the requests.
import { createServer } from 'node:net';
import type { Listener } from '../model/listener.ts';

export type Probe = { readonly ok: true; readonly port: number } | { readonly ok: false; readonly reason: string };

const REASONS: Readonly<Record<string, (port: number, address: string) => string>> = {
  EADDRINUSE: (port) => `port ${port} is in use`,
  EACCES: (port) => `this user may not listen on port ${port}`,
  EADDRNOTAVAIL: (_port, address) => `this machine does not have the address ${address}`,
  EAFNOSUPPORT: (_port, address) => `this machine does not support the kind of address ${address} is`,
};

/** Why an attempt to listen failed, in words. */
export function listenFailure(error: unknown, port: number, address: string | undefined): string {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return REASONS[code]?.(port, address ?? '') ?? `port ${port} cannot be opened: ${code || String(error)}`;
}

function bind(port: number, address: string | undefined, reusePort: boolean): Promise<Probe & { code?: string }> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      resolve({
        ok: false,
        reason: listenFailure(error, port, address),
        ...(error.code === undefined ? {} : { code: error.code }),
      });
    });
    server.listen({ port, exclusive: true, reusePort, ...(address === undefined ? {} : { host: address }) }, () => {
      const bound = server.address();
      const real = typeof bound === 'object' && bound !== null ? bound.port : port;
      server.close(() => resolve({ ok: true, port: real }));
    });
  });
}

/** Binds the listener's port alone for a moment. Port 0 gives a free one. */
export function probePort({ port, address }: Pick<Listener, 'port' | 'address'>): Promise<Probe> {
  return bind(port, address, false);
}

/** Whether this platform lets several threads listen on one port (Linux, FreeBSD, AIX, Solaris; not macOS or Windows). */
export async function canSharePorts(): Promise<boolean> {
  const probe = await bind(0, '127.0.0.1', true);
  return probe.ok;
}
