// The shape of one raw request and what must become of it. The tables beside this file are data: the parser alone, the listener on
// both serving paths and the fuzzer all read them.

export type Verdict =
  /** The endpoint sees exactly this request. */
  | { readonly kind: 'accept'; readonly method: string; readonly target: string; readonly body: string }
  /** The client gets this status and the connection is closed; the endpoint sees nothing. */
  | { readonly kind: 'refuse'; readonly status: number }
  /** The gateway answers by itself and the connection lives on. */
  | { readonly kind: 'answer'; readonly status: number };

export interface RequestCase {
  readonly name: string;
  readonly rfc: string;
  /** One byte per character (latin1). */
  readonly bytes: string;
  readonly verdict: Verdict;
  /** Bytes of the body coding are wrong, not the head: a parser of heads accepts it. */
  readonly isBodyFault?: boolean;
  /** Why the two serving paths give different verdicts. Only what node:http cannot be asked to do is listed. */
  readonly handedOff?: { readonly verdict: Verdict; readonly because: string; readonly closes?: true };
}

export function accept(method: string, target: string, body = ''): Verdict {
  return { kind: 'accept', method, target, body };
}

export function refuse(status: number): Verdict {
  return { kind: 'refuse', status };
}

export function answer(status: number): Verdict {
  return { kind: 'answer', status };
}

/** A GET with these complete header lines besides Host. */
export function getWith(lines: string): string {
  return `GET /x HTTP/1.1\r\nHost: a.example\r\n${lines}\r\n`;
}

/** A POST with these complete header lines besides Host, and what follows the head. */
export function postWith(lines: string, body: string): string {
  return `POST /x HTTP/1.1\r\nHost: a.example\r\n${lines}\r\n${body}`;
}

/** A chunked POST whose coded body is `coded`. */
export function chunked(coded: string): string {
  return postWith('Transfer-Encoding: chunked\r\n', coded);
}

/** A GET of this target. */
export function target(text: string): string {
  return `GET ${text} HTTP/1.1\r\nHost: a.example\r\n\r\n`;
}
