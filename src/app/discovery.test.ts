// The written model with the addresses of its names: at a start, while a load is applied, after one that was refused, and between.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { VirtualClock } from '../base/testing/virtual-clock.ts';
import type { Answer } from '../control/discovery/resolution.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import { Discovery } from './discovery.ts';

/** One backend per name, called after it, and one with a written endpoint. */
function modelOf(...names: readonly string[]): GatewayModel {
  const found = names.map((name) => ({
    id: name,
    name,
    endpoints: [],
    dns: { kind: 'address', name, port: 80, isTls: false, family: 'auto' },
  }));
  const written = { id: 'written', name: 'written', endpoints: [{ id: 'written/x', url: 'http://x:80', weight: 1 }] };
  return { backends: [written, ...found] } as unknown as GatewayModel;
}

function shown({ backends }: GatewayModel): string {
  return backends
    .map(({ name, endpoints }) => `${name} ${endpoints.map(({ url }) => url.slice(7)).join('+')}`)
    .join(', ');
}

function lab() {
  const clock = new VirtualClock();
  const zone = new Map<string, readonly string[] | 'failed' | 'silent'>();
  const lines: string[] = [];
  const replaced: string[] = [];
  const asked: string[] = [];
  let obstacle: string | undefined;
  const discovery = new Discovery({
    time: { after: clock.after, nowMs: clock.now, wallMs: clock.now, random: () => 0 },
    createResolver: () => ({
      resolve({ name }) {
        asked.push(name);
        const known = zone.get(name);
        if (known === 'silent') return new Promise<Answer>(() => {});
        if (known === 'failed') return Promise.resolve({ kind: 'failed', reason: 'ESERVFAIL' });
        if (known === undefined) return Promise.resolve({ kind: 'absent' });
        return Promise.resolve({
          kind: 'found',
          ttlMs: 1000,
          hosts: known.map((address) => ({ addresses: [address] })),
        });
      },
      close() {},
    }),
    say: (line) => lines.push(line),
    count() {},
    replace(model, changed) {
      replaced.push(`${changed.map(({ name }) => name).join('+')}: ${shown(model)}`);
      return obstacle;
    },
  });
  return {
    zone,
    lines,
    replaced,
    asked,
    discovery,
    hinder: (why: string | undefined) => {
      obstacle = why;
    },
    async start(model: GatewayModel): Promise<GatewayModel> {
      const expanded = await discovery.prepare(model);
      discovery.commit(model, expanded);
      return expanded;
    },
    async advance(ms: number): Promise<void> {
      for (let passed = 0; passed < ms; passed += 100) {
        clock.advance(100);
        await nextTurn();
      }
    },
  };
}

test('a start has the addresses of its names; later ones replace only the backends that have the name', async () => {
  const { zone, replaced, lines, start, advance } = lab();
  zone.set('a', ['10.0.0.1']).set('b', ['10.0.0.9']);
  assert.equal(shown(await start(modelOf('a', 'b'))), 'written x:80, a 10.0.0.1:80, b 10.0.0.9:80');
  assert.deepEqual(replaced, []);
  zone.set('a', ['10.0.0.1', '10.0.0.2']);
  await advance(1000);
  assert.deepEqual(replaced, ['a: written x:80, a 10.0.0.1:80+10.0.0.2:80, b 10.0.0.9:80']);
  assert.equal(lines.at(-1), 'dns: a is 10.0.0.1, 10.0.0.2');
});

test('names that answer after the wait take effect then', async () => {
  const { zone, replaced, discovery, advance } = lab();
  zone.set('a', 'silent');
  const model = modelOf('a');
  let expanded: GatewayModel | undefined;
  void discovery.prepare(model).then((given) => {
    expanded = given;
    discovery.commit(model, given);
  });
  await advance(1900);
  assert.equal(expanded, undefined);
  await advance(200);
  assert.equal(expanded && shown(expanded), 'written x:80, a ');
  zone.set('a', ['10.0.0.1']);
  await advance(5000);
  assert.deepEqual(replaced, ['a: written x:80, a 10.0.0.1:80']);
});

test('what changes while a load is applied is caught up with when it is in effect, or refused', async () => {
  for (const outcome of ['commit', 'abandon'] as const) {
    const { zone, replaced, asked, discovery, start, advance } = lab();
    zone.set('a', ['10.0.0.1']).set('new', ['10.0.0.7']);
    await start(modelOf('a'));
    const next = modelOf('a', 'new');
    const expanded = await discovery.prepare(next);
    zone.set('a', ['10.0.0.2']);
    await advance(2000);
    assert.deepEqual(replaced, [], 'nobody knows yet which generation it is for');
    if (outcome === 'commit') discovery.commit(next, expanded);
    else discovery.abandon();
    const more = outcome === 'commit' ? ', new 10.0.0.7:80' : '';
    assert.deepEqual(replaced, [`a: written x:80, a 10.0.0.2:80${more}`]);
    asked.length = 0;
    await advance(2000);
    assert.equal(asked.includes('new'), outcome === 'commit');
  }
});

test('what finds no room is said once and tried again', async () => {
  const { zone, replaced, lines, hinder, start, advance } = lab();
  zone.set('a', ['10.0.0.1']);
  await start(modelOf('a'));
  hinder('no room');
  zone.set('a', ['10.0.0.2']);
  await advance(3000);
  assert.equal(replaced.length, 3);
  assert.equal(lines.filter((line) => line.includes('no room')).length, 1);
  hinder(undefined);
  await advance(3000);
  assert.equal(replaced.length, 4);
});

test('a name without an address is said once, each time that it comes to that', async () => {
  const { zone, lines, start, advance } = lab();
  await start(modelOf('a'));
  await advance(30_000);
  assert.deepEqual(lines, ['dns: a has no address']);
  zone.set('a', ['10.0.0.1']);
  await advance(10_000);
  zone.delete('a');
  await advance(10_000);
  assert.deepEqual(lines.slice(1), ['dns: a is 10.0.0.1', 'dns: a has no address']);
});

test('that nobody answers is said once, and so is that somebody does again', async () => {
  const { zone, lines, discovery, start, advance } = lab();
  zone.set('a', ['10.0.0.1']);
  await start(modelOf('a'));
  lines.length = 0;
  zone.set('a', 'failed');
  await advance(20_000);
  const [{ dns }] = discovery.describe([{ name: 'a', endpoints: [] }]);
  assert.deepEqual([dns?.error, dns?.answeredSecondsAgo], ['ESERVFAIL', 20]);
  assert.deepEqual(discovery.ages(), [{ name: 'a', ageSeconds: 20 }]);
  zone.set('a', ['10.0.0.1']);
  await advance(30_000);
  assert.deepEqual(lines, [
    'dns: a is not resolved (ESERVFAIL); 1 known endpoints stay in use',
    'dns: a is resolved again',
  ]);
  assert.deepEqual(discovery.describe([{ name: 'written', endpoints: [] }]), [{ name: 'written', endpoints: [] }]);
});
