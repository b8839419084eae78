// A client that leaves, in every phase: the simulator stops its timers and says when it saw the client go.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { ReceivedRequest } from './received-log.ts';
import { type Simulator, startSimulator } from './simulator.ts';
import { RawExchange } from './testing/raw-exchange.ts';
import { VirtualTime } from './testing/virtual-time.ts';

async function untilEnded(simulator: Simulator): Promise<ReceivedRequest> {
  for (let look = 0; look < 1000; look++) {
    await fetch(`${simulator.url}/__simulator/faults`);
    const [received] = simulator.received();
    if (received !== undefined && received.outcome !== 'serving') return received;
  }
  return assert.fail('the simulator never saw the client leave');
}

async function untilServing(simulator: Simulator): Promise<void> {
  while (simulator.received()[0]?.body === undefined) await fetch(`${simulator.url}/__simulator/faults`);
}

const PHASES: readonly (readonly [model: string, seen: RegExp | undefined, status: number | undefined])[] = [
  ['sim-latency-1h', undefined, undefined],
  ['sim-hang', undefined, undefined],
  ['sim-first-token-1h', /"role":"assistant"/, 200],
  ['sim-gap-1h', /"content":"You"/, 200],
  ['sim-stall-2', /" said:"/, 200],
];

for (const [model, seen, status] of PHASES) {
  test(`client leaves during ${model}`, async () => {
    const time = new VirtualTime('stands');
    const simulator = await startSimulator({ port: 0, timers: time });
    after(() => simulator.close());
    const body = { model, stream: true, messages: [{ role: 'user', content: 'hi' }] };
    const exchange = new RawExchange(simulator.port, { path: '/v1/chat/completions', body });
    await (seen === undefined ? untilServing(simulator) : exchange.until(seen));
    exchange.leave();
    const received = await untilEnded(simulator);
    assert.equal(received.outcome, 'client-aborted');
    assert.equal(received.status, status);
    assert.equal(received.clientAbortedAfterMs, received.endedAfterMs);
    assert.ok(received.clientAbortedAfterMs !== undefined && received.clientAbortedAfterMs >= 0);
    assert.equal(time.pending, 0, 'no timer outlives its request');
  });
}

test('a client that leaves while it sends its body is recorded too', async () => {
  const simulator = await startSimulator({ port: 0 });
  after(() => simulator.close());
  const headers = { 'content-length': '1000' };
  const exchange = new RawExchange(simulator.port, { path: '/v1/chat/completions', body: {}, headers });
  while (simulator.received().length === 0) await fetch(`${simulator.url}/__simulator/faults`);
  exchange.leave();
  const received = await untilEnded(simulator);
  assert.deepEqual([received.outcome, received.body], ['client-aborted', undefined]);
});

test('close ends stalled streams at once', async () => {
  const time = new VirtualTime('stands');
  const simulator = await startSimulator({ port: 0, timers: time });
  const body = { model: 'sim-gap-1h', stream: true, messages: [{ role: 'user', content: 'hi' }] };
  const exchange = new RawExchange(simulator.port, { path: '/v1/chat/completions', body });
  await exchange.until(/"You"/);
  await simulator.close();
  assert.notEqual(await exchange.over(), undefined);
  assert.equal(time.pending, 0);
});
