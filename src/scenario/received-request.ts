// A request as a simulated endpoint receives it: what the gateway wrote, read back.
import type { UpstreamCall } from '../upstream/client/upstream-call.ts';

export interface ReceivedRequest {
  readonly endpoint: string;
  readonly method: string;
  /** With the query. */
  readonly target: string;
  /** Names in lower case; of several fields of a name the last. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

const HEAD_END = '\r\n\r\n';

/** The body that went out with the head, or was held in memory; a streamed one is not kept. */
export function bodyOf(call: UpstreamCall): string {
  if (call.bytes !== undefined) return call.bytes.toString('utf8');
  const end = call.text.indexOf(HEAD_END) + HEAD_END.length;
  return end === call.text.length ? '' : Buffer.from(call.text.slice(end), 'latin1').toString('utf8');
}

/** Path and query of the request line. */
export function targetOf({ text, method }: UpstreamCall): string {
  return text.slice(method.length + 1, text.indexOf(' ', method.length + 1));
}

export function readRequest(call: UpstreamCall, endpoint: string): ReceivedRequest {
  const lines = call.text.slice(0, call.text.indexOf(HEAD_END)).split('\r\n').slice(1);
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { endpoint, method: call.method, target: targetOf(call), headers: new Map(headers), body: bodyOf(call) };
}
