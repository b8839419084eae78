// `retry` of a route, whatever section it comes from: as written, else what `fallback` says of AI routes.
import type { Retry } from '../../model/retry.ts';
import type { Action } from '../../model/route.ts';
import type { Infer } from '../../schema/builder.ts';
import { fallbackRetry, isServedByAi } from './fallback.ts';
import { type RETRY, type RetryPlace, readRetry } from './retry.ts';

/** `place`: of the route. Undefined = as the backends say. */
export function readRouteRetry(
  written: Infer<typeof RETRY> | undefined,
  action: Action,
  { reading, scope, path }: RetryPlace,
): Retry | undefined {
  const isAi = isServedByAi(action, scope);
  if (written === undefined && isAi) return fallbackRetry(scope);
  return readRetry(written, isAi ? 'ai' : 'plain', { reading, scope, path: [...path, 'retry'] });
}
