// A listening server of the data plane in this process, with a runtime of the test's choice behind it.
import { DeadlineWheel } from '../../src/base/deadline-wheel.ts';
import type { Id } from '../../src/base/types.ts';
import { DEFAULT_LISTENER_LIMITS, DEFAULT_PATH_POLICY } from '../../src/model/defaults.ts';
import type { Listener, ListenerLimits, ListenerTls } from '../../src/model/listener.ts';
import { ListenerServer } from '../../src/server/listener-server.ts';
import type { ExchangeHandler } from '../../src/server/server-deps.ts';

export interface TestListenerOptions {
  readonly handler: ExchangeHandler;
  readonly limits?: Partial<ListenerLimits>;
  readonly tls?: ListenerTls | undefined;
}

export interface TestListener {
  readonly port: number;
  /** What the server reported: `hand-off expect`, `error request.malformed`, `open`, `close`. */
  readonly reports: string[];
  readonly server: ListenerServer;
  setDraining(): void;
  close(): void;
}

export function listenerModel(limits: Partial<ListenerLimits> = {}): Listener {
  return {
    id: 'test' as Id<'listener'>,
    origin: { source: 'test', dialect: 'test', pointer: '' },
    address: '127.0.0.1',
    port: 0,
    protocol: 'http',
    hostnames: [],
    tls: undefined,
    path: DEFAULT_PATH_POLICY,
    limits: { ...DEFAULT_LISTENER_LIMITS, ...limits },
    trustedProxies: [],
  };
}

export async function startListener({ handler, limits = {}, tls }: TestListenerOptions): Promise<TestListener> {
  const reports: string[] = [];
  let isDraining = false;
  const wheel = new DeadlineWheel({ now: () => performance.now() });
  const timer = setInterval(() => wheel.advance(), DeadlineWheel.tickMs);
  const model =
    tls === undefined ? listenerModel(limits) : { ...listenerModel(limits), protocol: 'https' as const, tls };
  const server = new ListenerServer(model, {
    handler: () => handler,
    wheel,
    observer: {
      connectionOpened: () => reports.push('open'),
      connectionClosed: () => reports.push('close'),
      handedOff: (reason) => reports.push(`hand-off ${reason}`),
      parseError: (code) => reports.push(`error ${code}`),
    },
    nowMs: () => performance.now(),
    tick() {},
    isDraining: () => isDraining,
  });
  const { port } = await server.listen({ port: 0, reusePort: false });
  return {
    port,
    reports,
    server,
    setDraining() {
      isDraining = true;
    },
    close() {
      clearInterval(timer);
      server.closeAll();
    },
  };
}
