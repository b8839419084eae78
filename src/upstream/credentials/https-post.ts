// One POST of a form to a service that gives tokens: over TLS, no redirect followed, bounded in time and size.
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { request } from 'node:https';

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 64 * 1024;

export interface PostAnswer {
  readonly status: number;
  readonly body: string;
}

/** Rejects when there is no whole answer. */
export type Post = (url: string, form: string) => Promise<PostAnswer>;

/** As `node:https` has it; tests give that of `node:http`. */
export type SendRequest = (
  url: string,
  options: RequestOptions,
  answered: (answer: IncomingMessage) => void,
) => ClientRequest;

export function createPost(send: SendRequest): Post {
  return (url, form) =>
    new Promise((resolve, reject) => {
      const headers = {
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': Buffer.byteLength(form),
      };
      const sent = send(url, { method: 'POST', headers, timeout: TIMEOUT_MS }, (answer) => {
        collect(answer, sent).then((body) => resolve({ status: answer.statusCode ?? 0, body }), reject);
      });
      sent.on('timeout', () => sent.destroy(new Error('no answer in time')));
      sent.on('error', reject);
      sent.end(form);
    });
}

function collect(answer: IncomingMessage, sent: ClientRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    let body = '';
    answer.setEncoding('utf8');
    answer.on('data', (piece: string) => {
      body += piece;
      if (body.length > MAX_BYTES) sent.destroy(new Error('the answer is too long'));
    });
    answer.on('end', () => resolve(body));
    answer.on('error', reject);
  });
}

export const postForm: Post = createPost(request);
