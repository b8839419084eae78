// Whether anything would be served at all: asked of what was written, since settings without a route are a part of a configuration.
import type { Finding } from '../model/finding.ts';
import type { GatewayModel } from '../model/gateway-model.ts';

type Fragment = Partial<GatewayModel>;

/** A section that only makes sense with routes beside it. */
function isServing({ backends = [], listeners = [] }: Fragment): boolean {
  return backends.length > 0 || listeners.some(({ origin }) => origin.line !== undefined);
}

/**
 * Documents that hold settings alone are meant to be read together with others: that they serve nothing is worth a note. Where
 * nothing is written, or backends that nobody reaches, it is a mistake.
 */
export function checkRoutes(
  model: GatewayModel,
  fragments: readonly Fragment[],
  documents: number,
): readonly Finding[] {
  const [listener] = model.listeners;
  if (model.routes.length > 0 || listener === undefined) return [];
  const isSettings = documents > 0 && !fragments.some(isServing);
  return [
    {
      severity: isSettings ? 'note' : 'warning',
      code: 'config.no-routes',
      message: 'there is no route: every request is answered with 404',
      mend: isSettings ? 'read it together with documents that have routes' : 'add a section "routes"',
      origin: listener.origin,
    },
  ];
}
