// Resolves names by DNS with their times to live, and by the system where DNS knows nothing: its host file and search domains.
import { promises as dns } from 'node:dns';
import { isIP } from 'node:net';
import type { DiscoverySettings } from '../../model/discovery.ts';
import type { Answer, FoundHost, Question, Resolver } from './resolution.ts';

/** The part of node:dns that is used: tests give their own. */
export interface DnsClient {
  setServers(servers: readonly string[]): void;
  /** Questions under way reject. */
  cancel(): void;
  resolve4(name: string, options: { readonly ttl: true }): Promise<readonly Record[]>;
  resolve6(name: string, options: { readonly ttl: true }): Promise<readonly Record[]>;
  resolveSrv(name: string): Promise<readonly Service[]>;
}

export type SystemLookup = (name: string) => Promise<readonly string[]>;

interface Record {
  readonly address: string;
  readonly ttl: number;
}

interface Service {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

interface Addresses {
  readonly v4: readonly Record[];
  readonly v6: readonly Record[];
}

type Lookup = { readonly kind: 'found'; readonly addresses: Addresses } | Exclude<Answer, { kind: 'found' }>;

export interface ResolverDeps {
  createClient(timeoutMs: number): DnsClient;
  /** By the means of the system; rejects when it knows nothing. */
  readonly lookup: SystemLookup;
  nowMs(): number;
  /** For a line that a person should read, once. */
  say(line: string): void;
}

/** How long the addresses of a server that was given by name are kept. */
const SERVER_NAME_MS = 60_000;
const ABSENT = new Set(['ENOTFOUND', 'ENODATA', 'NXDOMAIN']);

async function asked<T>(question: Promise<readonly T[]>): Promise<readonly T[] | Exclude<Answer, { kind: 'found' }>> {
  try {
    return await question;
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    return ABSENT.has(code) ? { kind: 'absent' } : { kind: 'failed', reason: code };
  }
}

/**
 * Hosts of a name. Of several addresses of both families those of one are taken: a name with a record of each kind for every host
 * would have every host twice. One of each is one host, reached over whichever answers first.
 */
function toHosts({ v4, v6 }: Addresses): readonly FoundHost[] {
  if (v4.length === 1 && v6.length === 1) return [{ addresses: [v4[0].address, v6[0].address] }];
  return (v4.length > 0 ? v4 : v6).map(({ address }) => ({ addresses: [address] }));
}

function ttlMsOf({ v4, v6 }: Addresses): number {
  return Math.min(...[...v4, ...v6].map(({ ttl }) => ttl)) * 1000;
}

/** RFC 2782: weight 0 is for targets with nothing to choose between, or to be taken rarely; here 0 would be never. */
function serviceOf({ name, port, priority, weight }: Service): NonNullable<FoundHost['service']> {
  return { target: name, port, priority, weight: Math.max(1, weight) };
}

class DnsResolver implements Resolver {
  private readonly settings: DiscoverySettings;
  private readonly deps: ResolverDeps;
  private readonly client: DnsClient;
  /** Addresses of SRV targets, for when one of several cannot be asked. */
  private readonly targets = new Map<string, Addresses>();
  private serversUntilMs = 0;
  private servers: Promise<void> | undefined;
  /** The ones found last stay in use while their names are not found. */
  private hasServers = false;
  private hasSaid = false;

  constructor(settings: DiscoverySettings, deps: ResolverDeps) {
    this.settings = settings;
    this.deps = deps;
    this.client = deps.createClient(settings.timeoutMs);
  }

  close(): void {
    this.client.cancel();
  }

  readonly resolve = async (question: Question): Promise<Answer> => {
    if (isIP(question.name) !== 0) {
      return { kind: 'found', hosts: [{ addresses: [question.name] }], ttlMs: undefined };
    }
    // RFC 6761 §6.3: this name never leaves the machine.
    if (/(?:^|\.)localhost$/.test(question.name)) return this.bySystem(question, { kind: 'absent' });
    await this.findServers();
    if (question.kind === 'srv') return this.services(question);
    const found = await this.addresses(question.name, question.family);
    if (found.kind === 'found')
      return { kind: 'found', hosts: toHosts(found.addresses), ttlMs: ttlMsOf(found.addresses) };
    return this.settings.resolvers.length > 0 ? found : this.bySystem(question, found);
  };

  private async addresses(name: string, family: Question['family']): Promise<Lookup> {
    const options = { ttl: true } as const;
    const [v4, v6] = await Promise.all([
      family === 'ipv6' ? [] : asked(this.client.resolve4(name, options)),
      family === 'ipv4' ? [] : asked(this.client.resolve6(name, options)),
    ]);
    const addresses = { v4: 'kind' in v4 ? [] : v4, v6: 'kind' in v6 ? [] : v6 };
    if (addresses.v4.length + addresses.v6.length > 0) return { kind: 'found', addresses };
    // As long as one of the two questions was not answered, nobody said that there is nothing.
    for (const each of [v4, v6]) if ('kind' in each && each.kind === 'failed') return each;
    return { kind: 'absent' };
  }

  private async services({ name, family }: Question): Promise<Answer> {
    const services = await asked(this.client.resolveSrv(name));
    if ('kind' in services) return services;
    // RFC 2782: a single target of "." says that the service is not offered.
    const offered = services.filter((service) => service.name !== '' && service.name !== '.');
    const lookups = await Promise.all(offered.map((service) => this.target(service.name, family)));
    const hosts = offered.flatMap((service, index) => {
      const found = lookups[index];
      return found === undefined ? [] : toHosts(found).map((host) => ({ ...host, service: serviceOf(service) }));
    });
    if (hosts.length === 0) {
      return lookups.length === 0 ? { kind: 'absent' } : { kind: 'failed', reason: 'no target has an address' };
    }
    // Node tells no time to live of SRV records; that of the addresses stands for it.
    return { kind: 'found', hosts, ttlMs: Math.min(...lookups.flatMap((found) => (found ? ttlMsOf(found) : []))) };
  }

  private async target(name: string, family: Question['family']): Promise<Addresses | undefined> {
    const found = await this.addresses(name, family);
    if (found.kind === 'found') this.targets.set(name, found.addresses);
    else if (found.kind === 'absent') this.targets.delete(name);
    return this.targets.get(name);
  }

  /** The host file and search domains, which DNS servers do not know. */
  private async bySystem({ name, family }: Question, otherwise: Answer): Promise<Answer> {
    const found = await asked(this.deps.lookup(name));
    // A system that cannot say now leaves open whether the name is one of its own.
    if ('kind' in found) return found.kind === 'failed' ? found : otherwise;
    const of = (version: number): readonly Record[] =>
      found.filter((address) => isIP(address) === version).map((address) => ({ address, ttl: 0 }));
    const hosts = toHosts({ v4: family === 'ipv6' ? [] : of(4), v6: family === 'ipv4' ? [] : of(6) });
    return hosts.length === 0 ? otherwise : { kind: 'found', hosts, ttlMs: undefined };
  }

  /** Servers given by name are found by the system first, and again after a while. */
  private async findServers(): Promise<void> {
    const { resolvers } = this.settings;
    if (resolvers.length === 0 || this.deps.nowMs() < this.serversUntilMs) return;
    this.servers ??= this.lookUpServers(resolvers).finally(() => {
      this.servers = undefined;
    });
    await this.servers;
  }

  private async lookUpServers(resolvers: readonly string[]): Promise<void> {
    const found = await Promise.all(resolvers.map((resolver) => this.serverAddresses(resolver)));
    const servers = found.flat();
    this.serversUntilMs = this.deps.nowMs() + SERVER_NAME_MS;
    if (servers.length > 0) {
      this.client.setServers(servers);
      this.hasServers = true;
    } else if (!this.hasServers && !this.hasSaid) {
      this.hasSaid = true;
      this.deps.say(`dns: the resolver ${resolvers.join(', ')} is not found; those of the system are asked instead`);
    }
  }

  private async serverAddresses(resolver: string): Promise<readonly string[]> {
    const { host, port } = splitServer(resolver);
    const written = (address: string) => {
      if (port === undefined) return address;
      return isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
    };
    if (isIP(host) !== 0) return [written(host)];
    const found = await asked(this.deps.lookup(host));
    return 'kind' in found ? [] : found.map(written);
  }
}

function splitServer(resolver: string): { readonly host: string; readonly port: string | undefined } {
  if (isIP(resolver) !== 0) return { host: resolver, port: undefined };
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(resolver) ?? [];
  return { host: bracketed ?? plain ?? resolver, port };
}

export function createDnsResolver(settings: DiscoverySettings, deps: ResolverDeps): Resolver {
  return new DnsResolver(settings, deps);
}

/** By Node, with sockets. */
export const nodeResolverDeps: Pick<ResolverDeps, 'createClient' | 'lookup'> = {
  // Two tries of half the time each: the watch over the name gives up at the whole.
  createClient: (timeoutMs) => new dns.Resolver({ timeout: Math.max(100, Math.floor(timeoutMs / 2)), tries: 2 }),
  lookup: async (name) => (await dns.lookup(name, { all: true })).map(({ address }) => address),
};
