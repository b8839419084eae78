// The last good answers of backends whose circuit breaker falls back on them (`fallback: cached_response`): one bounded store per
// thread, which outlives reloads. An answer is found only by the very request that got it, credentials included.
import { createHash } from 'node:crypto';
import type { Exchange } from '../pipeline/exchange.ts';
import { createReply, type Reply } from '../pipeline/reply.ts';
import { isCredentialHeader } from '../telemetry/credential-names.ts';

export interface KeptAnswer {
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  readonly storedAtMs: number;
  /** When it stopped being fresh by its own `max-age`; `storedAtMs` when it names none. */
  readonly freshUntilMs: number;
}

const MAX_BYTES = 16 * 1024 * 1024;
/** Larger answers are not kept. */
export const MAX_ANSWER_BYTES: number = 256 * 1024;
/** Of fields and bookkeeping, roughly. */
const ENTRY_BYTES = 1024;
/** What is older is no answer any more. */
const MAX_AGE_MS = 24 * 3600 * 1000;

/** What answers may differ by; one that differs by anything else says so in `Vary` and is not kept. */
export const KEY_FIELDS: readonly string[] = ['accept', 'accept-encoding', 'accept-language', 'content-type', 'origin'];

/** A GET or HEAD without a body, or an AI request whose answer is one JSON document. */
export function isKeepable(exchange: Exchange): boolean {
  const { method, body, genAi, headers, isUpgrade } = exchange;
  if (isUpgrade || body.whole === undefined || headers.has('range')) return false;
  if (genAi !== undefined) return method === 'POST' && !genAi.streaming && genAi.requestModel !== '';
  return (method === 'GET' || method === 'HEAD') && body.wholeEnd === body.wholeStart;
}

/** A digest: no credential and no request is held in memory for longer than the request. */
export function keyOf(exchange: Exchange): string {
  const { routeName, method, authority, path, query, headers, body } = exchange;
  const hash = createHash('sha256');
  const parts: (string | undefined)[] = [routeName, method, authority, path, query];
  for (const name of KEY_FIELDS) parts.push(headers.get(name));
  // Dropped fields too: what was taken out of the request to the endpoint may still be who asked.
  for (let index = 0; index < headers.count; index++) {
    const name = headers.nameAt(index).toLowerCase();
    if (isCredentialHeader(name)) parts.push(name, headers.valueAt(index));
  }
  for (const [name, value] of headers.entries()) if (isCredentialHeader(name)) parts.push(name, value);
  hash.update(JSON.stringify(parts));
  return hash.update(body.wholeBytes()).digest('base64');
}

export class KeptAnswers {
  /** In the order of their last use. */
  private readonly answers = new Map<string, KeptAnswer>();
  private bytes = 0;

  keep(key: string, answer: KeptAnswer): void {
    this.forget(key);
    this.answers.set(key, answer);
    this.bytes += answer.body.length + ENTRY_BYTES;
    for (const oldest of this.answers.keys()) {
      if (this.bytes <= MAX_BYTES) break;
      this.forget(oldest);
    }
  }

  private forget(key: string): void {
    const answer = this.answers.get(key);
    if (answer === undefined) return;
    this.answers.delete(key);
    this.bytes -= answer.body.length + ENTRY_BYTES;
  }

  /** The last good answer to the same request, marked as what it is. Undefined when there is none. */
  find(exchange: Exchange, wallMs: number): Reply | undefined {
    if (!isKeepable(exchange)) return undefined;
    const key = keyOf(exchange);
    const answer = this.answers.get(key);
    if (answer === undefined) return undefined;
    this.forget(key);
    if (wallMs - answer.storedAtMs > MAX_AGE_MS) return undefined;
    this.keep(key, answer);
    return toReply(answer, exchange, wallMs);
  }
}

/** RFC 9211 `hit` with a negative `ttl` is a stale hit; `Warning: 110` (RFC 7234, since obsolete) is what older clients read. */
function toReply({ fields, body, storedAtMs, freshUntilMs }: KeptAnswer, exchange: Exchange, wallMs: number): Reply {
  const age = Math.max(0, Math.floor((wallMs - storedAtMs) / 1000));
  const ttl = Math.floor((freshUntilMs - wallMs) / 1000);
  const marks: [string, string][] = [
    ['age', String(age)],
    ['cache-status', `switchyard; hit; ttl=${ttl}; detail=circuit-open`],
  ];
  if (ttl < 0) marks.push(['warning', '110 - "Response is Stale"']);
  const reply = createReply(200, [...fields, ...marks], undefined);
  return exchange.method === 'HEAD' ? reply : { ...reply, body };
}
