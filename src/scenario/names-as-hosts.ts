// Names of a configuration in a simulation: each stands for one endpoint, under the name itself. Nobody is asked.
import { expandModel } from '../control/discovery/expand-model.ts';
import type { GatewayModel } from '../model/gateway-model.ts';

export function withNamesAsHosts(model: GatewayModel): GatewayModel {
  return expandModel(model, ({ kind, name }) => {
    const service = { target: name, port: 80, priority: 0, weight: 1 };
    return [{ addresses: [name], ...(kind === 'srv' && { service }) }];
  });
}
