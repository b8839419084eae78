// Which backends answer reads for another one while its circuit breaker is open (`fallback: read_replica`).
import type { Backend } from './backend.ts';
import type { GatewayModel } from './gateway-model.ts';

/** Labelled `role: read_replica`; with a label `primary` only for the backend of that name. Plain for plain, AI for AI. */
export function replicasOf(backend: Backend, { backends }: Pick<GatewayModel, 'backends'>): readonly Backend[] {
  if (backend.breaker?.fallback.kind !== 'read-replica') return [];
  return backends.filter(({ name, labels = {}, provider }) => {
    const isFor = labels.primary === undefined || labels.primary === backend.name;
    const isLike = (provider === undefined) === (backend.provider === undefined);
    return name !== backend.name && labels.role === 'read_replica' && isFor && isLike;
  });
}
