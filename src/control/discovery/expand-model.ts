// A model with the endpoints that its names stand for now. Pure: what is known of the names is given.
import type { Id } from '../../base/types.ts';
import type { Backend, Endpoint } from '../../model/backend.ts';
import type { GatewayModel } from '../../model/gateway-model.ts';
import type { FoundHost, Question } from './resolution.ts';

export type HostsOf = (question: Question) => readonly FoundHost[];

/** The backends whose endpoints are found, and the question each of them asks. */
export function questionsOf({ backends }: GatewayModel): readonly Question[] {
  return backends.flatMap(({ dns }) => (dns === undefined ? [] : [toQuestion(dns)]));
}

export function toQuestion({ kind, name, family }: Question): Question {
  return { kind, name, family };
}

function toEndpoint(
  { name, dns }: { readonly name: string; readonly dns: NonNullable<Backend['dns']> },
  host: FoundHost,
): Endpoint {
  const [first, ...alternates] = host.addresses;
  const { target = dns.name, port = dns.port, priority, weight = 1 } = host.service ?? {};
  const address = first.includes(':') ? `[${first}]` : first;
  const url = `${dns.isTls ? 'https' : 'http'}://${address}:${port}`;
  return {
    id: `${name}/${url}` as Id<'endpoint'>,
    url,
    weight,
    ...(priority !== undefined && { priority }),
    hostName: target,
    ...(alternates.length > 0 && { alternates }),
  };
}

/** One address under two names of a service is one endpoint. */
export function withHosts(backend: Backend, hosts: readonly FoundHost[]): Backend {
  const { name, dns } = backend;
  if (dns === undefined) return backend;
  const endpoints = new Map<string, Endpoint>();
  for (const host of hosts) {
    const endpoint = toEndpoint({ name, dns }, host);
    if (!endpoints.has(endpoint.id)) endpoints.set(endpoint.id, endpoint);
  }
  return { ...backend, endpoints: [...endpoints.values()] };
}

export function expandModel(model: GatewayModel, hostsOf: HostsOf): GatewayModel {
  if (model.backends.every(({ dns }) => dns === undefined)) return model;
  const backends = model.backends.map((backend) =>
    backend.dns === undefined ? backend : withHosts(backend, hostsOf(toQuestion(backend.dns))),
  );
  return { ...model, backends };
}
