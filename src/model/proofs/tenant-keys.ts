// A tenant's key is the gateway's own business: where a backend sends the client's credential on, the provider would learn it.
import type { Finding } from '../finding.ts';
import type { GatewayModel } from '../gateway-model.ts';

export function checkTenantKeys({ tenants = [], backends }: GatewayModel): readonly Finding[] {
  if (tenants.every(({ keyHashes }) => keyHashes.length === 0)) return [];
  const forwarding = backends.filter(({ provider }) => provider?.forwardCredential === true);
  return forwarding.map(({ name, origin }) => ({
    severity: 'warning',
    code: 'config.tenant-key-sent',
    message: `the backend "${name}" sends the client’s credential on: its provider learns the keys of tenants`,
    mend: 'give the backend an api_key of its own, or name tenants by a header',
    origin,
  }));
}
