// The health a load balancer asks for where it sends traffic: answered by every listener, before any route.
import { createReply, type Reply } from '../pipeline/reply.ts';
import type { ThreadResources } from './thread-resources.ts';

export const HEALTH_PATH = '/gateway/health';

/** 503 while draining, so that no new traffic is sent here; the admin port has the details. */
export function answerHealth(resources: ThreadResources): Reply {
  const isDraining = resources.isDraining();
  const body = JSON.stringify({ status: isDraining ? 'draining' : 'ok' });
  const fields = [
    ['content-type', 'application/json'],
    ['cache-control', 'no-store'],
  ] as const;
  return createReply(isDraining ? 503 : 200, fields, body);
}
