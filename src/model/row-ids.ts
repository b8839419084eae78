// The stable ids under which shared memory has a row: every endpoint, and every backend that has a state of its own.
import type { Backend } from './backend.ts';
import type { GatewayModel } from './gateway-model.ts';

/** No endpoint id ends so: those end with a port. */
export function backendRowId(backendName: string): string {
  return `${backendName}#backend`;
}

function idsOf({ name, endpoints, breaker, outlier, healthCheck, concurrency }: Backend): readonly string[] {
  const ids: readonly string[] = endpoints.map((endpoint) => endpoint.id);
  const states = [breaker, outlier, healthCheck, concurrency];
  return states.every((each) => each === undefined) ? ids : [...ids, backendRowId(name)];
}

export function rowIdsOf({ backends }: GatewayModel): readonly string[] {
  return [...new Set(backends.flatMap(idsOf))];
}
