// Routes that hedge and have nobody else to ask.
import type { Finding } from '../finding.ts';
import type { GatewayModel } from '../gateway-model.ts';

export function checkHedges({ routes, backends }: GatewayModel): readonly Finding[] {
  // How many a name has is known only while the gateway runs.
  const sizes = new Map(
    backends.map(({ id, dns, endpoints }) => [id as string, dns === undefined ? endpoints.length : 2]),
  );
  return routes.flatMap(({ hedge, action, name, origin }): readonly Finding[] => {
    if (hedge === undefined || action.kind !== 'forward') return [];
    const ids = new Set(action.targets.map(({ backend }) => backend as string));
    const endpoints = [...ids].reduce((sum, id) => sum + (sizes.get(id) ?? 0), 0);
    if (endpoints !== 1) return [];
    const message = `hedge of the route "${name}" has no effect: there is one endpoint, and none beside it to ask`;
    const mend = 'give a second endpoint, or a second backend';
    return [{ severity: 'warning', code: 'config.no-effect', message, mend, origin }];
  });
}
