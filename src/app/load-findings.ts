// What is said of a configuration that is right and could not take effect all the same.
import type { Finding } from '../model/finding.ts';
import type { GatewayModel } from '../model/gateway-model.ts';

/** Shared memory has no room. */
export function tooMany(
  what: 'endpoints' | 'backends',
  model: GatewayModel,
  { wanted, capacity }: { readonly wanted: number; readonly capacity: number },
): Finding {
  return {
    severity: 'error',
    code: `config.too-many-${what}`,
    message: `The configuration has ${wanted} ${what}; with those still draining at most ${capacity} are possible.`,
    origin: model.backends[0].origin,
  };
}

/** A thread could not take it. */
export function notApplied(model: GatewayModel, reason: string): Finding {
  return {
    severity: 'error',
    code: 'config.not-applied',
    message: `The configuration could not take effect: ${reason}`,
    origin: (model.listeners[0] ?? model.routes[0] ?? model.backends[0])?.origin ?? {
      source: 'configuration',
      dialect: 'native',
      pointer: '',
    },
  };
}
