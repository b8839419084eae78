// One probe of one endpoint: a request or a connection of its own, by Node's client, beside all traffic. Run by endpoint-check.ts,
// which limits its time.
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import { type SocketTrouble, socketTrouble } from '../../base/socket-error.ts';
import type { UpstreamTls } from '../../model/backend.ts';
import type { HealthCheck, HealthProbe } from '../../model/health-check.ts';
import type { HealthReason } from '../../state/health-table.ts';

export interface ProbeTarget {
  /** Origin of the endpoint. */
  readonly url: string;
  /** Name it was found by, where the origin is an address. */
  readonly hostName?: string;
  readonly check: HealthCheck;
  /** Of the backend. */
  readonly tls: UpstreamTls | undefined;
}

export interface ProbeAnswer {
  readonly reason: HealthReason;
  /** 0 without an answer. */
  readonly status: number;
}

/** `done` is called once. What is returned ends the probe and closes what it still has open, before `done` or after. */
export type Probe = (target: ProbeTarget, done: (answer: ProbeAnswer) => void) => () => void;

/** The rest of an answer only ends its connection in good order. */
const MAX_BODY_BYTES = 64 * 1024;

const TROUBLE_REASONS: Readonly<Record<SocketTrouble, HealthReason>> = {
  dns: 'dns-failed',
  timeout: 'timeout',
  certificate: 'certificate-refused',
  tls: 'tls-failed',
  other: 'connect-failed',
};

interface Destination extends tls.ConnectionOptions {
  readonly host: string;
  readonly port: number;
}

function isTlsOf({ url, check }: ProbeTarget): boolean {
  return check.tls ?? url.startsWith('https:');
}

function destinationOf(target: ProbeTarget): Destination {
  const url = new URL(target.url);
  const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  const port = target.check.port ?? Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const { ca, certificate, key, serverName = target.hostName ?? host, verify = true } = target.tls ?? {};
  if (!isTlsOf(target)) return { host, port };
  return {
    host,
    port,
    // RFC 6066 §3: SNI carries no IP literals.
    ...(net.isIP(serverName) === 0 && { servername: serverName }),
    ...(ca !== undefined && { ca }),
    ...(certificate !== undefined && { cert: certificate }),
    ...(key !== undefined && { key }),
    rejectUnauthorized: verify,
    minVersion: 'TLSv1.2',
  };
}

function reasonOf(error: NodeJS.ErrnoException, hasConnected: boolean): HealthReason {
  const { code = '' } = error;
  if (code.startsWith('HPE_')) return 'bad-response';
  const trouble = socketTrouble(code);
  return hasConnected && trouble === 'other' ? 'reset' : TROUBLE_REASONS[trouble];
}

function probeConnection(target: ProbeTarget, done: (answer: ProbeAnswer) => void): () => void {
  const destination = destinationOf(target);
  const isTls = isTlsOf(target);
  const socket = isTls ? tls.connect(destination) : net.connect(destination);
  let isDone = false;
  const finish = (reason: HealthReason): void => {
    if (isDone) return;
    isDone = true;
    socket.destroy();
    done({ reason, status: 0 });
  };
  socket.on(isTls ? 'secureConnect' : 'connect', () => finish('none'));
  socket.on('error', (error) => finish(reasonOf(error, false)));
  socket.on('close', () => finish('reset'));
  return () => socket.destroy();
}

function authorityOf(target: ProbeTarget, probe: Extract<HealthProbe, { kind: 'http' }>): string {
  if (probe.host !== undefined) return probe.host;
  const { hostname, port } = new URL(target.url);
  const own = target.check.port?.toString() ?? port;
  const name = target.hostName ?? hostname;
  return own === '' ? name : `${name}:${own}`;
}

function probeRequest(
  target: ProbeTarget,
  probe: Extract<HealthProbe, { kind: 'http' }>,
  done: (answer: ProbeAnswer) => void,
): () => void {
  let isDone = false;
  let hasConnected = false;
  const finish = (reason: HealthReason, status: number): void => {
    if (isDone) return;
    isDone = true;
    done({ reason, status });
  };
  const fields: Record<string, string | string[]> = {
    host: authorityOf(target, probe),
    'user-agent': 'switchyard-health-check',
    accept: '*/*',
  };
  for (const { name, value } of probe.headers) fields[name.toLowerCase()] = value;
  const request = (isTlsOf(target) ? https : http).request({
    ...destinationOf(target),
    method: probe.method,
    path: probe.path,
    headers: { ...fields, connection: 'close' },
    setHost: false,
    agent: false,
  });
  request.on('socket', (socket) => socket.once('connect', () => (hasConnected = true)));
  request.on('response', (response) => {
    const { statusCode = 0 } = response;
    const isExpected = probe.expected.some(({ from, to }) => statusCode >= from && statusCode <= to);
    finish(isExpected ? 'none' : 'status', statusCode);
    let bytes = 0;
    response.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes > MAX_BODY_BYTES) request.destroy();
    });
    response.on('error', () => request.destroy());
  });
  // An answer to no question of ours: 101 without having asked for another protocol.
  request.on('upgrade', (_response, socket) => {
    socket.destroy();
    finish('bad-response', 101);
  });
  request.on('error', (error) => finish(reasonOf(error, hasConnected), 0));
  request.end();
  return () => request.destroy();
}

export const probeEndpoint: Probe = (target, done) => {
  const { probe } = target.check;
  return probe.kind === 'tcp' ? probeConnection(target, done) : probeRequest(target, probe, done);
};
