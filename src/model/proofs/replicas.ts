// Circuit breakers that fall back on read replicas nobody has.
import type { Finding } from '../finding.ts';
import type { GatewayModel } from '../gateway-model.ts';
import { replicasOf } from '../replicas.ts';

export function checkReplicas(model: GatewayModel): readonly Finding[] {
  return model.backends.flatMap((backend): readonly Finding[] => {
    if (backend.breaker?.fallback.kind !== 'read-replica' || replicasOf(backend, model).length > 0) return [];
    const message = `the circuit breaker of the backend "${backend.name}" falls back on read replicas, and it has none`;
    const mend = 'label a backend "role: read_replica"';
    return [{ severity: 'warning', code: 'config.no-effect', message, mend, origin: backend.origin }];
  });
}
