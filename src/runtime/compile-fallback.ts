// The fallback of a circuit breaker in the model → what answers in place of the backend.
import type { BreakerFallback } from '../model/breaker.ts';
import { createReply } from '../pipeline/reply.ts';
import type { BackendParts } from './compiled-backend.ts';
import { KeepingTap, mayKeep } from './keeping-tap.ts';
import type { ThreadResources } from './thread-resources.ts';

type CompiledFallback = Pick<BackendParts, 'fallback' | 'keeper'>;

const THE_ERROR: CompiledFallback = { fallback: undefined, keeper: undefined };

/** Read replicas are no answer but candidates: runtime/compile.ts knows them. */
export function compileFallback(fallback: BreakerFallback | undefined, resources: ThreadResources): CompiledFallback {
  if (fallback?.kind === 'reply') {
    const { status, contentType, body } = fallback;
    const fields = body === '' ? [] : ([['content-type', contentType]] as const);
    return { fallback: () => createReply(status, fields, body === '' ? undefined : body), keeper: undefined };
  }
  if (fallback?.kind !== 'cached-response') return THE_ERROR;
  const { answers: store, wallMs } = resources;
  return {
    fallback: (exchange) => store.find(exchange, wallMs()),
    keeper: (exchange, head, inner) =>
      inner?.changesLength !== true && mayKeep(exchange, head)
        ? new KeepingTap({ inner, store, exchange }, head, wallMs())
        : inner,
  };
}
