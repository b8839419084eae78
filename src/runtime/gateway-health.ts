// The health a load balancer asks for where it sends traffic: answered by every listener, before any route.
import { createReply, type Reply } from '../pipeline/reply.ts';
import type { CompiledBackend } from './compiled-backend.ts';
import type { ThreadResources } from './thread-resources.ts';

export interface GatewayHealthParts {
  readonly path: string;
  /** Undefined = backends are not looked at. */
  readonly backends: readonly CompiledBackend[] | undefined;
  /** Checks of parts that this gateway does not have. */
  readonly absent: readonly string[];
}

/** Numbers and no names: anybody may ask here; the admin port has the details. */
interface Services {
  readonly status: 'ok' | 'degraded' | 'failed';
  readonly usable: number;
  readonly backends: number;
}

function servicesOf(backends: readonly CompiledBackend[], wallMs: number): Services {
  const usable = backends.filter((backend) => backend.isUsable(wallMs)).length;
  if (usable === backends.length) return { status: 'ok', usable, backends: backends.length };
  return { status: usable === 0 ? 'failed' : 'degraded', usable, backends: backends.length };
}

/**
 * 503 while draining, so that no new traffic is sent here, and when backends are looked at and none is left. One of several that
 * is down is no reason to take the gateway out: it serves the others, and every instance would say the same.
 */
export function answerHealth({ backends, absent }: GatewayHealthParts, resources: ThreadResources): Reply {
  const services = backends && servicesOf(backends, resources.wallMs());
  const isOut = resources.isDraining() || services?.status === 'failed';
  const checks = {
    ...(services !== undefined && { downstream_services: services }),
    ...Object.fromEntries(absent.map((check) => [check, { status: 'not configured' }])),
  };
  const status = resources.isDraining() ? 'draining' : (services?.status ?? 'ok');
  const hasChecks = services !== undefined || absent.length > 0;
  const body = JSON.stringify({ status, ...(hasChecks && { checks }) });
  const fields = [
    ['content-type', 'application/json'],
    ['cache-control', 'no-store'],
  ] as const;
  return createReply(isOut ? 503 : 200, fields, body);
}
