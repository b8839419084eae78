// Routes whose admission class never decides anything, because no backend of theirs limits its concurrency.
import type { Finding } from '../finding.ts';
import type { GatewayModel } from '../gateway-model.ts';
import type { Route } from '../route.ts';

export function checkAdmissionClasses({ routes, backends }: GatewayModel): readonly Finding[] {
  const limited = new Set(backends.filter(({ concurrency }) => concurrency !== undefined).map(({ id }) => id));
  const hasEffect = ({ action }: Route): boolean =>
    action.kind === 'forward' && action.targets.some(({ backend }) => limited.has(backend));
  return routes.flatMap((route): readonly Finding[] => {
    if (route.admissionClass === undefined || hasEffect(route)) return [];
    const message = `the priority "${route.admissionClass}" of the route "${route.name}" decides nothing: none of its backends limits its concurrency`;
    const mend = 'write "concurrency: adaptive" at the backend';
    return [{ severity: 'note', code: 'config.no-effect', message, mend, origin: route.origin }];
  });
}
