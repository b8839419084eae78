// What records of a name become, whom is asked, and what is said when nothing is found.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DiscoverySettings } from '../../model/discovery.ts';
import { createDnsResolver, type DnsClient } from './dns-resolver.ts';
import type { Answer, Question, Resolve } from './resolution.ts';

type Zone = Readonly<Record<string, readonly (readonly [string, number])[] | string>>;

interface Lab {
  readonly v4?: Zone;
  readonly v6?: Zone;
  readonly services?: Readonly<Record<string, readonly (readonly [string, number, number, number])[]>>;
  readonly system?: Readonly<Record<string, readonly string[] | string>>;
  readonly resolvers?: readonly string[];
}

function failure(code: string): Promise<never> {
  return Promise.reject(Object.assign(new Error(code), { code }));
}

function open(lab: Lab): { resolve: Resolve; servers: (readonly string[])[]; said: string[]; lookups: string[] } {
  const servers: (readonly string[])[] = [];
  const said: string[] = [];
  const lookups: string[] = [];
  const read = (zone: Zone | undefined, name: string) => {
    const records = zone?.[name] ?? 'ENOTFOUND';
    if (typeof records === 'string') return failure(records);
    return Promise.resolve(records.map(([address, ttl]) => ({ address, ttl })));
  };
  const client: DnsClient = {
    setServers: (given) => servers.push(given),
    cancel() {},
    resolve4: (name) => read(lab.v4, name),
    resolve6: (name) => read(lab.v6, name),
    resolveSrv(name) {
      const records = lab.services?.[name];
      if (records === undefined) return failure('ENOTFOUND');
      return Promise.resolve(
        records.map(([target, port, priority, weight]) => ({ name: target, port, priority, weight })),
      );
    },
  };
  const settings: DiscoverySettings = {
    resolvers: lab.resolvers ?? [],
    minTtlMs: 0,
    maxTtlMs: 1,
    negativeTtlMs: 1,
    staleTtlMs: 0,
    timeoutMs: 1000,
  };
  const { resolve } = createDnsResolver(settings, {
    createClient: () => client,
    lookup: (name) => {
      lookups.push(name);
      const known = lab.system?.[name];
      if (known === undefined || typeof known === 'string') return failure(known ?? 'ENOTFOUND');
      return Promise.resolve(known);
    },
    nowMs: () => 0,
    say: (line) => said.push(line),
  });
  return { resolve, servers, said, lookups };
}

const name = (host: string, more: Partial<Question> = {}): Question => ({
  kind: 'address',
  name: host,
  family: 'auto',
  ...more,
});

function addresses(answer: Answer): readonly (readonly string[])[] | string {
  return answer.kind === 'found' ? answer.hosts.map((host) => host.addresses) : answer.kind;
}

test('several addresses are several hosts of one family; one of each kind is one host with both', async () => {
  const v4: Zone = {
    many: [
      ['10.0.0.1', 30],
      ['10.0.0.2', 20],
    ],
    pair: [['10.0.0.1', 30]],
  };
  const v6: Zone = {
    many: [
      ['fd00::1', 10],
      ['fd00::2', 60],
    ],
    pair: [['fd00::1', 7]],
    six: [['fd00::9', 5]],
  };
  const { resolve } = open({ v4, v6 });
  const many = await resolve(name('many'));
  assert.deepEqual(addresses(many), [['10.0.0.1'], ['10.0.0.2']]);
  assert.equal(many.kind === 'found' && many.ttlMs, 10_000, 'the shortest of all');
  assert.deepEqual(addresses(await resolve(name('pair'))), [['10.0.0.1', 'fd00::1']]);
  assert.deepEqual(addresses(await resolve(name('six'))), [['fd00::9']]);
  assert.deepEqual(addresses(await resolve(name('many', { family: 'ipv6' }))), [['fd00::1'], ['fd00::2']]);
  assert.deepEqual(addresses(await resolve(name('pair', { family: 'ipv4' }))), [['10.0.0.1']]);
  assert.deepEqual(addresses(await resolve(name('192.0.2.7'))), [['192.0.2.7']]);
});

test('nothing there and nobody there are not the same', async () => {
  const { resolve } = open({
    v4: { broken: 'ESERVFAIL', half: [['10.0.0.1', 1]], empty: 'ENODATA' },
    v6: { half: 'ETIMEOUT' },
  });
  assert.deepEqual(await resolve(name('gone')), { kind: 'absent' });
  assert.deepEqual(await resolve(name('empty')), { kind: 'absent' });
  assert.deepEqual(await resolve(name('broken')), { kind: 'failed', reason: 'ESERVFAIL' });
  assert.deepEqual(addresses(await resolve(name('half'))), [['10.0.0.1']]);
});

test('what DNS does not know the system may, but not where the author names the servers', async () => {
  const system = {
    'my-host': ['127.0.0.1', '::1'],
    refused: ['10.1.1.1'],
    localhost: ['127.0.0.1'],
    later: 'EAI_AGAIN',
  };
  const v4 = { refused: 'ECONNREFUSED' };
  const { resolve } = open({ v4, system });
  const local = await resolve(name('my-host'));
  assert.deepEqual(addresses(local), [['127.0.0.1', '::1']]);
  assert.equal(local.kind === 'found' && local.ttlMs, undefined);
  assert.deepEqual(addresses(await resolve(name('refused'))), [['10.1.1.1']]);
  assert.deepEqual(await resolve(name('later')), { kind: 'failed', reason: 'EAI_AGAIN' });
  const own = open({ v4, system, resolvers: ['10.0.0.53'] });
  assert.equal(addresses(await own.resolve(name('my-host'))), 'absent');
  assert.deepEqual(addresses(await own.resolve(name('localhost'))), [['127.0.0.1']], 'it never leaves the machine');
  assert.equal(addresses(await own.resolve(name('refused'))), 'failed');
  assert.deepEqual(own.servers, [['10.0.0.53']]);
});

test('a server given by name is found first; one that is not found leaves those of the system, and is said once', async () => {
  const given = open({
    resolvers: ['kube-dns', '[fd00::53]:5353', '10.0.0.53:54'],
    system: { 'kube-dns': ['10.96.0.10'] },
    v4: { a: [['10.0.0.1', 1]] },
  });
  await given.resolve(name('a'));
  await given.resolve(name('a'));
  assert.deepEqual(given.servers, [['10.96.0.10', '[fd00::53]:5353', '10.0.0.53:54']]);
  assert.deepEqual(given.lookups, ['kube-dns']);
  const absent = open({ resolvers: ['kube-dns'], v4: { a: [['10.0.0.1', 1]] } });
  assert.deepEqual(addresses(await absent.resolve(name('a'))), [['10.0.0.1']]);
  assert.deepEqual([absent.servers, absent.said.length], [[], 1]);
});

test('SRV records give port, priority and weight; a target that cannot be asked keeps its addresses', async () => {
  const v4: Record<string, readonly (readonly [string, number])[] | string> = {
    'a.test': [['10.0.0.1', 30]],
    'b.test': [['10.0.0.2', 10]],
  };
  const services = {
    '_http._tcp.svc.test': [
      ['a.test', 8080, 0, 5],
      ['b.test', 9090, 1, 0],
    ],
    '_none._tcp.svc.test': [['.', 0, 0, 0]],
  } as const;
  const { resolve } = open({ v4, services });
  const question = name('_http._tcp.svc.test', { kind: 'srv' });
  const answer = await resolve(question);
  assert.deepEqual(answer, {
    kind: 'found',
    ttlMs: 10_000,
    hosts: [
      { addresses: ['10.0.0.1'], service: { target: 'a.test', port: 8080, priority: 0, weight: 5 } },
      { addresses: ['10.0.0.2'], service: { target: 'b.test', port: 9090, priority: 1, weight: 1 } },
    ],
  });
  v4['b.test'] = 'ETIMEOUT';
  assert.deepEqual(addresses(await resolve(question)), [['10.0.0.1'], ['10.0.0.2']]);
  v4['b.test'] = 'ENOTFOUND';
  assert.deepEqual(addresses(await resolve(question)), [['10.0.0.1']]);
  assert.equal(addresses(await resolve(name('_none._tcp.svc.test', { kind: 'srv' }))), 'absent');
  assert.equal(addresses(await resolve(name('_gone._tcp.svc.test', { kind: 'srv' }))), 'absent');
});
