// A session stays while its endpoint serves or drains, moves as one when it is gone, and is told so.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maglev } from './balancers/maglev.ts';
import { weightedRoundRobin } from './balancers/weighted-round-robin.ts';
import { StickySessions, type StickySettings } from './sticky-sessions.ts';
import { FakeChoice, FakePool, seededRandom } from './testing/fake-pool.ts';

const COOKIE: StickySettings = { carrier: 'cookie', name: 'sid', ttlSeconds: 3600 };

class Instance {
  nowMs = 1_700_000_000_000;
  readonly sessions: StickySessions;

  constructor(pool: FakePool, settings: StickySettings = COOKIE) {
    const random = seededRandom(1);
    let id = 0;
    this.sessions = new StickySessions('shop', settings, {
      secret: '0123456789abcdef',
      pool,
      balancer: weightedRoundRobin.compile({}, pool, { random }),
      fallback: maglev.compile({ hash_on: ['client_ip'], bounded_load: 1.25 }, pool, { random }),
      randomId: () => `session-${id++}`,
      wallMs: () => this.nowMs,
    });
  }

  /** One request: where it goes and what the client is told. */
  request(token?: string): { readonly index: number; readonly line: string; readonly token: string | undefined } {
    const session = this.sessions.open(token);
    const index = session.pick(new FakeChoice());
    const line = session.line(index, false);
    return { index, line, token: /^(?:set-cookie: sid=|X-Sid: )([^;\r]+)/.exec(line)?.[1] };
  }
}

test('a new session is told its endpoint once, and stays there', () => {
  const instance = new Instance(FakePool.ofWeights(1, 1, 1));
  const first = instance.request();
  assert.match(first.line, /^set-cookie: sid=[\w.-]+; Path=\/; Max-Age=3600; HttpOnly; SameSite=Lax\r\n$/);
  for (let turn = 0; turn < 10; turn++)
    assert.deepEqual(instance.request(first.token), { index: first.index, line: '', token: undefined });
  assert.match(instance.sessions.open(undefined).line(0, true), /; Secure\r\n$/);
});

test('new sessions are spread by the balancer of the backend', () => {
  const instance = new Instance(FakePool.ofWeights(1, 1, 1));
  const picked = Array.from({ length: 300 }, () => instance.request().index);
  assert.equal(picked.filter((index) => index === 0).length, 100);
});

test('draining keeps its sessions and gets no new ones', () => {
  const pool = FakePool.ofWeights(1, 1);
  const token = new Instance(pool).request().token;
  const { index } = new Instance(pool).request(token);
  pool.endpoints[index].weight = 0;
  const drained = new Instance(pool);
  assert.equal(drained.request(token).index, index);
  assert.notEqual(drained.request().index, index);
});

test('endpoints that come and go around it move no session', () => {
  const ids = ['a', 'b', 'c', 'd'].map((id) => ({ id }));
  const token = new Instance(new FakePool(ids.slice(1, 3))).request().token;
  const before = new FakePool(ids.slice(1, 3));
  const after = new FakePool(ids.toReversed());
  const at = before.id(new Instance(before).request(token).index);
  assert.equal(after.id(new Instance(after).request(token).index), at);
});

test('when its endpoint is down or gone all requests of a session agree on another, and the client is told', () => {
  const pool = new FakePool(Array.from({ length: 6 }, () => ({})));
  const first = new Instance(pool).request();
  pool.endpoints[first.index].isUp = false;
  const instances = [new Instance(pool), new Instance(pool)];
  const moved = instances.flatMap((instance) => [instance.request(first.token), instance.request(first.token)]);
  assert.equal(new Set(moved.map(({ index }) => index)).size, 1);
  assert.notEqual(moved[0].index, first.index);
  pool.endpoints[first.index].isUp = true;
  assert.equal(instances[0].request(moved[0].token).index, moved[0].index, 'it does not go back by itself');
});

test('a retry leaves the endpoint that failed', () => {
  const instance = new Instance(FakePool.ofWeights(1, 1, 1));
  const { index, token } = instance.request();
  const session = instance.sessions.open(token);
  const choice = new FakeChoice();
  choice.triedIndexes.add(index);
  assert.notEqual(session.pick(choice), index);
});

test('a token is renewed after half of its time, and worth nothing after it', () => {
  const instance = new Instance(FakePool.ofWeights(1, 1));
  const { token, index } = instance.request();
  instance.nowMs += 1700 * 1000;
  assert.equal(instance.request(token).line, '');
  instance.nowMs += 200 * 1000;
  const renewed = instance.request(token);
  assert.equal(renewed.index, index);
  assert.notEqual(renewed.token, undefined);
  instance.nowMs += 2000 * 1000;
  assert.equal(instance.request(renewed.token).index, index);
  assert.notEqual(instance.request(token).line, '', 'the old one has expired: a new session');
});

test('without a ttl the cookie lasts as long as the client keeps it; a header is sent with every answer', () => {
  const endless = new Instance(FakePool.ofWeights(1, 1), { ...COOKIE, ttlSeconds: 0 });
  assert.doesNotMatch(endless.request().line, /Max-Age/);
  const header = new Instance(FakePool.ofWeights(1, 1), { carrier: 'header', name: 'X-Sid', ttlSeconds: 0 });
  const { token, index } = header.request();
  assert.equal(header.request(token).token, token);
  assert.equal(header.request(token).index, index);
});
