// Weights and tiers that give a target nothing, and backends without an endpoint or a user.
import type { Finding } from '../finding.ts';
import type { GatewayModel } from '../gateway-model.ts';
import type { Origin } from '../origin.ts';
import { replicasOf } from '../replicas.ts';

interface Share {
  readonly name: string;
  readonly weight: number;
  readonly tier: number;
}

const quote = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

/** `owner`: such as `the route "a"`. */
function checkShares(owner: string, shares: readonly Share[], origin: Origin): readonly Finding[] {
  const code = 'config.unreachable-weight';
  const idle = shares.filter(({ weight }) => weight <= 0).map(({ name }) => name);
  if (shares.length > 0 && idle.length === shares.length) {
    const message = `${owner} can send nothing anywhere: all its weights are 0`;
    return [{ severity: 'error', code, message, mend: 'give one of them a weight', origin }];
  }
  const findings: Finding[] = [];
  if (idle.length > 0) {
    const message = `${owner} never sends anything to ${quote(idle)}: weight 0`;
    findings.push({
      severity: 'warning',
      code,
      message,
      mend: 'give it a weight, or a tier of its own as standby',
      origin,
    });
  }
  const tiers = [...new Set(shares.filter(({ weight }) => weight > 0).map(({ tier }) => tier))].sort((a, b) => a - b);
  if (tiers.some((tier, index) => tier !== index)) {
    const message = `${owner} uses tiers ${tiers.join(', ')}: ${tiers[0] === 0 ? 'one is missing between them' : 'there is no tier 0'}`;
    const mend = 'number them from 0; the lowest is used first';
    findings.push({ severity: 'warning', code: 'config.tier-gap', message, mend, origin });
  }
  return findings;
}

function checkBackends({ backends, routes, aliases, policies }: GatewayModel): readonly Finding[] {
  const used = new Set<string>([
    ...routes.flatMap(({ action }) => (action.kind === 'forward' ? action.targets.map(({ backend }) => backend) : [])),
    ...aliases.flatMap(({ targets }) => targets.map(({ backend }) => backend ?? '')),
    ...policies.flatMap(({ target }) => (target.kind === 'backend' ? [target.id] : [])),
    ...backends.flatMap((backend) => replicasOf(backend, { backends }).map(({ id }) => id)),
  ]);
  return backends.flatMap(({ id, name, endpoints, dns, sticky, origin }): readonly Finding[] => {
    const owner = `the backend "${name}"`;
    const unused: readonly Finding[] = used.has(id)
      ? []
      : [
          {
            severity: 'note',
            code: 'config.unused-backend',
            message: `no route and no alias sends anything to ${owner}`,
            origin,
          },
        ];
    if (dns !== undefined) return unused;
    if (endpoints.length === 0) {
      const message = `${owner} has no endpoint`;
      return [
        { severity: 'error', code: 'config.no-endpoint', message, mend: 'give it at least one', origin },
        ...unused,
      ];
    }
    // With sticky sessions weight 0 drains: those that are there stay.
    const hasShare = sticky !== undefined && endpoints.some(({ weight }) => weight > 0);
    const counted = hasShare ? endpoints.filter(({ weight }) => weight > 0) : endpoints;
    const shares = counted.map(({ url, weight }) => ({ name: url, weight, tier: 0 }));
    return [...checkShares(owner, shares, origin), ...unused];
  });
}

export function checkWeights(model: GatewayModel): readonly Finding[] {
  const routes = model.routes.flatMap(({ name, action, origin }): readonly Finding[] => {
    if (action.kind === 'reply') return [];
    const owner = `the route "${name}"`;
    if (action.targets.length === 0) {
      const message = `${owner} has nowhere to send requests`;
      return [{ severity: 'error', code: 'config.no-target', message, mend: 'give it a backend', origin }];
    }
    const shares = action.targets.map(({ backend, weight, tier }) => ({ name: backend, weight, tier }));
    return checkShares(owner, shares, origin);
  });
  const aliases = model.aliases.flatMap(({ alias, targets, origin }) => {
    const shares = targets.map(({ backend, model: target, weight, tier }) => ({
      name: [backend, target].filter((part) => part !== undefined).join('/'),
      weight,
      tier,
    }));
    return checkShares(`the model alias "${alias}"`, shares, origin);
  });
  return [...routes, ...aliases, ...checkBackends(model)];
}
