// Patterns that could not be compiled, or that would let a client stall the gateway.
import { parseHostPattern } from '../../base/host-pattern.ts';
import { compileRegex } from '../../base/linear-regex.ts';
import type { Finding } from '../finding.ts';
import type { GatewayModel } from '../gateway-model.ts';
import type { Match } from '../match.ts';
import type { Origin } from '../origin.ts';
import type { Route } from '../route.ts';

function regexesOf({ path, headers = [], query = [], cookies = [], model }: Match): readonly string[] {
  const values = [...headers, ...query, ...cookies].map(({ value }) => value);
  const matches = [...(path === undefined ? [] : [path]), ...values, ...(model === undefined ? [] : [model])];
  return matches.flatMap((match) => (match.kind === 'regex' ? [match.value] : []));
}

function checkRegex(source: string, route: Route): readonly Finding[] {
  const compiled = compileRegex(source);
  if (!('problem' in compiled)) return [];
  const { kind, reason } = compiled.problem;
  return [
    {
      severity: 'error',
      code: kind === 'unsafe' ? 'config.unsafe-regex' : 'config.bad-regex',
      message: `the regex ${source} of the route "${route.name}" is refused: ${reason}`,
      mend:
        kind === 'unsafe'
          ? 'write it without; several matches or a glob often say the same'
          : 'mend it; / needs no backslash',
      origin: route.origin,
    },
  ];
}

function checkHosts(hostnames: readonly string[], owner: string, origin: Origin): readonly Finding[] {
  return hostnames
    .filter((hostname) => parseHostPattern(hostname) === undefined)
    .map((hostname) => ({
      severity: 'error' as const,
      code: 'config.bad-host',
      message: `the host "${hostname}" of ${owner} can match nothing`,
      mend: 'write a name, or a wildcard for its first labels: *.example.com',
      origin,
    }));
}

export function checkPatterns({ listeners, routes }: GatewayModel): readonly Finding[] {
  return [
    ...listeners.flatMap(({ id, hostnames, origin }) => checkHosts(hostnames, `the listener "${id}"`, origin)),
    ...routes.flatMap((route) => [
      ...checkHosts(route.hostnames, `the route "${route.name}"`, route.origin),
      ...[...new Set(route.match.flatMap(regexesOf))].flatMap((source) => checkRegex(source, route)),
    ]),
  ];
}
