// The fallback of a circuit breaker in the model → what answers in place of the backend.
import type { BreakerFallback } from '../model/breaker.ts';
import { createReply } from '../pipeline/reply.ts';
import type { Fallback } from './compiled-backend.ts';

/** Undefined where the error answers. */
export function compileFallback(fallback: BreakerFallback | undefined): Fallback | undefined {
  if (fallback?.kind !== 'reply') return undefined;
  const { status, contentType, body } = fallback;
  const fields = body === '' ? [] : ([['content-type', contentType]] as const);
  return () => createReply(status, fields, body === '' ? undefined : body);
}
