// The same bytes to node:http directly and through the gateway to node:http: what the endpoint saw must be what the strict oracle
// saw, or a beginning of it, with the client told that the rest was refused.
import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { DEFAULT_PATH_POLICY } from '../../../src/model/defaults.ts';
import { normalisePath } from '../../../src/wire/path-normal.ts';
import { startGateway, type TestGateway } from '../../support/gateway.ts';
import { RawClient } from '../../support/raw-client.ts';

export interface Seen {
  readonly method: string;
  readonly target: string;
  readonly body: string;
}

class Recorder {
  seen: Seen[] = [];
  /** A request asked for another protocol: node:http reads nothing behind it, where we ignore the wish and go on. */
  hasUpgrade = false;
  /** Codes of parse errors met. */
  errors: string[] = [];
  private readonly server: http.Server;

  constructor() {
    this.server = http.createServer(
      { insecureHTTPParser: false, connectionsCheckingInterval: 50 },
      (request, response) => this.record(request, response),
    );
    this.server.on('checkContinue', (request: http.IncomingMessage, response: http.ServerResponse) =>
      this.record(request, response),
    );
    this.server.on('checkExpectation', (_request, response: http.ServerResponse) => response.writeHead(417).end());
    this.server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      this.errors.push(error.code ?? '');
      socket.destroy();
    });
    this.server.on('connect', (_request, socket) => socket.destroy());
  }

  private record(request: http.IncomingMessage, response: http.ServerResponse): void {
    const pieces: Buffer[] = [];
    request.on('data', (chunk: Buffer) => pieces.push(chunk));
    request.on('error', () => response.destroy());
    if (request.headers.upgrade !== undefined) this.hasUpgrade = true;
    request.on('end', () => {
      if (!request.complete) return;
      this.seen.push({
        method: request.method ?? '',
        target: request.url ?? '',
        body: Buffer.concat(pieces).toString('latin1'),
      });
      response.setHeader('content-length', 0);
      response.end();
    });
  }

  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

/** An upload broken off, and a method that only node:http does not know: neither is a matter of boundaries. */
const EXPECTED = new Set(['HPE_INVALID_EOF_STATE', 'HPE_INVALID_METHOD']);

/** A target as the gateway forwards it. */
function forwarded(target: string): string {
  const path = target.replace(/^https?:\/\/[^/?]+/i, '');
  const origin = path.startsWith('/') || target === '*' ? path : `/${path}`;
  const question = origin.indexOf('?');
  const raw = question === -1 ? origin : origin.slice(0, question);
  const query = question === -1 ? '' : origin.slice(question);
  return raw === '*' ? raw : `${normalisePath(raw, DEFAULT_PATH_POLICY) ?? '(refused)'}${query === '?' ? '' : query}`;
}

/** Throws when the two disagree. Everything is new for each stream, so that nothing late is taken for another's. */
export async function compareStreams(stream: string, pieces: readonly string[]): Promise<void> {
  const differential = new Differential();
  await differential.start();
  try {
    await differential.compare(stream, pieces);
  } finally {
    differential.close();
  }
}

class Differential {
  private readonly oracle = new Recorder();
  private readonly endpoint = new Recorder();
  private oraclePort = 0;
  private gateway: TestGateway | undefined;

  async start(): Promise<void> {
    this.oraclePort = await this.oracle.start();
    this.gateway = await startGateway({
      url: `http://127.0.0.1:${await this.endpoint.start()}`,
      limits: { headTimeoutMs: 60, bodyTimeoutMs: 60, idleTimeoutMs: 60 },
      pool: { maxConnections: 1 },
    });
  }

  close(): void {
    this.gateway?.close();
    this.oracle.close();
    this.endpoint.close();
  }

  async compare(stream: string, pieces: readonly string[]): Promise<void> {
    const { gateway, oracle, endpoint } = this;
    assert.ok(gateway !== undefined);
    const direct = new RawClient(this.oraclePort);
    direct.send(stream);
    direct.socket.end();
    await direct.untilEnd();
    direct.close();
    const client = new RawClient(gateway.port);
    for (const piece of pieces) {
      client.send(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const replies = await client.untilEnd();
    client.close();
    const note = `\nstream: ${JSON.stringify(stream)}\nreplies: ${JSON.stringify(replies)}\noracle: ${JSON.stringify(oracle.seen)} ${oracle.errors}\nendpoint: ${JSON.stringify(endpoint.seen)}`;
    assert.deepEqual(gateway.bugs, [], note);
    assert.deepEqual(
      endpoint.errors.filter((code) => code.startsWith('HPE_') && !EXPECTED.has(code)),
      [],
      `the endpoint could not read us${note}`,
    );
    this.checkOrder(note);
    assert.ok(!replies.includes('HTTP/1.1 500'), note);
  }

  private checkOrder(note: string): void {
    const expected = this.oracle.seen.map(({ method, target, body }) => ({ method, target: forwarded(target), body }));
    let at = 0;
    for (const each of this.endpoint.seen) {
      // What we answer or refuse by ourselves without closing leaves no trace at the endpoint.
      while (at < expected.length && JSON.stringify(expected[at]) !== JSON.stringify(each)) at++;
      // A method that only node:http does not know ends the oracle's view, not ours.
      const isBlind = this.oracle.hasUpgrade || this.oracle.errors.includes('HPE_INVALID_METHOD');
      if (at === expected.length && isBlind) return;
      assert.ok(
        at < expected.length,
        `the endpoint saw ${JSON.stringify(each)}, which the oracle did not see there${note}`,
      );
      at++;
    }
  }
}
