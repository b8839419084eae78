// Replies through node:http, for connections that were handed off. What the client sees is the same as on the fast path: the
// same fields in the same order, none of node's own.
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { latin1 } from '../base/latin1.ts';
import type {
  ReplyFraming,
  ReplyHead,
  ReplySource,
  ReplyWriter,
  UpgradedConnection,
} from '../pipeline/reply-writer.ts';
import type { HeaderList } from '../wire/header-list.ts';
import { reasonPhrase, statusLine } from '../wire/status-line.ts';

export interface NodeReplyHost {
  closesAfterReply(): boolean;
}

export class NodeReplyWriter implements ReplyWriter {
  isBegun = false;
  private readonly response: ServerResponse;
  private readonly host: NodeReplyHost;
  private readonly isHeadRequest: boolean;
  private readonly isHttp10: boolean;
  private source: ReplySource | undefined;
  private isSourcePaused = false;
  private isUntilClose = false;
  private pending = '';

  constructor(response: ServerResponse, host: NodeReplyHost) {
    this.response = response;
    this.host = host;
    this.isHeadRequest = response.req.method === 'HEAD';
    this.isHttp10 = response.req.httpVersionMinor === 0;
    response.sendDate = false;
    response.on('drain', () => this.onDrain());
  }

  informational(head: ReplyHead): void {
    if (this.isBegun || this.isHttp10) return;
    // ServerResponse has methods for 100, 102 and 103 only; the socket is this response's alone until its head is written.
    this.response.socket?.write(`${statusLine(head.status, head.reason)}${head.lines}\r\n`, 'latin1');
  }

  begin(head: ReplyHead, framing: ReplyFraming, source: ReplySource): void {
    this.isBegun = true;
    this.source = source;
    this.isUntilClose = framing === 'chunked' && this.isHttp10 && !this.isHeadRequest;
    const closes = this.host.closesAfterReply() || this.isUntilClose;
    const fields = toFields(head.lines);
    if (framing === 'chunked' && !this.isHttp10) fields.push('transfer-encoding', 'chunked');
    // Closing is node's default for HTTP/1.0 and keeping open its default for 1.1, each said aloud; ours says only what differs.
    if (closes) fields.push('connection', 'close');
    else if (this.isHttp10) fields.push('connection', 'keep-alive');
    // Without this node adds `Connection: keep-alive` and `Keep-Alive`, which the fast path does not send.
    else this.response.removeHeader('connection');
    this.response.writeHead(head.status, head.reason === '' ? reasonPhrase(head.status) : head.reason, fields);
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    this.writeLatin1(latin1(bytes as Buffer, start, end));
  }

  writeLatin1(text: string): void {
    if (!this.isHeadRequest) this.pending += text;
  }

  flush(): void {
    const text = this.pending;
    this.pending = '';
    // Nothing of a large answer may wait for the first body byte: an event stream's head goes out at once.
    if (text === '') this.response.flushHeaders();
    else if (!this.response.write(text, 'latin1')) this.holdSource();
  }

  private holdSource(): void {
    if (this.isSourcePaused || this.source === undefined) return;
    this.isSourcePaused = true;
    this.source.pauseReply();
  }

  private onDrain(): void {
    if (!this.isSourcePaused) return;
    this.isSourcePaused = false;
    this.source?.resumeReply();
  }

  end(trailers: HeaderList | undefined): void {
    if (trailers !== undefined) this.response.addTrailers(toPairs(trailers.lines()));
    const text = this.pending;
    this.pending = '';
    this.source = undefined;
    if (text === '') this.response.end();
    else this.response.end(text, 'latin1');
  }

  abort(): void {
    this.source = undefined;
    const socket = this.response.socket;
    if (this.isBegun) this.flush();
    // Node holds a first write back until the end of the turn, in the response and in the socket.
    while (this.response.writableCorked > 0) this.response.uncork();
    while (socket !== null && socket.writableCorked > 0) socket.uncork();
    // Where the end of the connection is the end of the body, only a reset tells a cut.
    if (this.isUntilClose) (socket as Socket | null)?.resetAndDestroy();
    this.response.destroy();
  }

  upgrade(): UpgradedConnection | undefined {
    return undefined;
  }
}

/** Header lines as node's flat array of names and values. */
function toFields(lines: string): string[] {
  const fields: string[] = [];
  for (const line of lines.split('\r\n')) {
    if (line === '') continue;
    const colon = line.indexOf(':');
    fields.push(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return fields;
}

function toPairs(lines: string): [string, string][] {
  const fields = toFields(lines);
  return Array.from({ length: fields.length / 2 }, (_, index) => [fields[index * 2], fields[index * 2 + 1]]);
}
