// The admin server: health, readiness, metrics and the control API, on a port of its own in the main thread, so that it answers
// while the data plane is busy, starting or draining.
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, BlockList, isIP, isIPv6 } from 'node:net';
import { type AdminAnswer, adminProblem, routesAt, SHOWN_PATHS } from './admin-routes.ts';
import type { AdminView } from './admin-view.ts';

export interface AdminServerOptions {
  readonly port: number;
  readonly address: string;
  /** Needed by every path but health and readiness when set. */
  readonly token: string | undefined;
  readonly view: AdminView;
  reportBug(error: unknown): void;
}

export interface AdminServer {
  readonly port: number;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 1024 * 1024;
/** Probes carry no token. */
const OPEN_PATHS: ReadonlySet<string> = new Set(['/health', '/ready']);

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

export function isLoopback(address: string): boolean {
  if (address === 'localhost') return true;
  return isIP(address) !== 0 && LOOPBACK.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/**
 * A web page can make a browser call 127.0.0.1 under the page's own name (DNS rebinding); it cannot choose the Host field.
 * So on loopback, where no token is asked, only names of this machine are answered.
 */
function isOwnHost(host: string | undefined): boolean {
  if (host === undefined) return false;
  const name = host
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();
  return name.endsWith('.localhost') || isLoopback(name);
}

/** Compared as digests: equal length, no early end. */
function isToken(given: string, token: string): boolean {
  const digest = (value: string): Buffer => createHash('sha256').update(value).digest();
  return timingSafeEqual(digest(given), digest(token));
}

function readBody(request: IncomingMessage): Promise<string | undefined> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    request.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes <= MAX_BODY_BYTES) pieces.push(piece);
      else resolve(undefined);
    });
    request.on('end', () => resolve(Buffer.concat(pieces).toString('utf8')));
    request.on('error', () => resolve(undefined));
  });
}

class AdminRequests {
  private readonly options: AdminServerOptions;

  constructor(options: AdminServerOptions) {
    this.options = options;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      this.write(request, response, await this.decide(request, response));
    } catch (error) {
      this.options.reportBug(error);
      if (response.headersSent) response.destroy();
      else this.write(request, response, adminProblem(500, 'The gateway failed', 'The error log says more.'));
    }
  }

  private async decide(request: IncomingMessage, response: ServerResponse): Promise<AdminAnswer> {
    const { token, view } = this.options;
    if (token === undefined && !isOwnHost(request.headers.host))
      return adminProblem(421, 'Misdirected request', 'The Host field names another machine.');
    const url = URL.parse(request.url ?? '/', 'http://admin.invalid');
    const methods = url === null ? undefined : routesAt(url.pathname);
    if (url === null || methods === undefined)
      return adminProblem(404, 'Not found', `There is nothing at this path. Paths: ${SHOWN_PATHS}.`);
    if (token !== undefined && !OPEN_PATHS.has(url.pathname) && !this.isAuthorised(request, token)) {
      response.setHeader('www-authenticate', 'Bearer realm="switchyard admin"');
      return adminProblem(401, 'Unauthorised', 'Send the admin token as `Authorization: Bearer …`.');
    }
    const answer = methods[request.method === 'HEAD' ? 'GET' : (request.method ?? '')];
    if (answer === undefined) {
      response.setHeader(
        'allow',
        Object.keys(methods)
          .flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
          .join(', '),
      );
      return adminProblem(405, 'Method not allowed', `${request.method} is not offered here.`);
    }
    const body = await readBody(request);
    if (body === undefined) return adminProblem(413, 'Content too large', `At most ${MAX_BODY_BYTES} bytes are read.`);
    return answer(view, { url, body });
  }

  private isAuthorised(request: IncomingMessage, token: string): boolean {
    const match = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '');
    return match !== null && isToken(match[1], token);
  }

  private write(request: IncomingMessage, response: ServerResponse, answer: AdminAnswer): void {
    response.writeHead(answer.status, {
      'content-type': answer.contentType,
      'content-length': Buffer.byteLength(answer.text),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    response.end(request.method === 'HEAD' ? undefined : answer.text);
  }
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** Rejects when the port cannot be opened. Port 0 takes a free one. */
export function startAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const requests = new AdminRequests(options);
  const server = createServer((request, response) => void requests.answer(request, response));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.address, () => {
      server.off('error', reject);
      resolve({ port: (server.address() as AddressInfo).port, close: () => close(server) });
    });
  });
}
