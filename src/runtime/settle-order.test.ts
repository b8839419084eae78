// A client may send its next request once it has seen the answer before, to whichever worker takes it: what breakers and balancers
// must know of the answer is told before the first byte of it leaves.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BreakerSettings } from '../model/breaker.ts';
import { rowIdsOf } from '../model/row-ids.ts';
import { retryBudgetKey } from '../state/retry-budget.ts';
import type { UpstreamCall } from '../upstream/client/upstream-call.ts';
import { compileRuntime } from './compile.ts';
import { answerOf, exchangeOf, RecordedWriter } from './testing/exchanges.ts';
import { backend, gatewayModel, route, target, threadResources } from './testing/gateway-model.ts';

const BREAKER: BreakerSettings = {
  consecutiveFailures: 1,
  minRequests: 20,
  windowMs: 10_000,
  openMs: 60_000,
  maxOpenMs: 60_000,
  jitter: 0,
  stableMs: 60_000,
  probeRequests: 1,
  probeQuorum: 1,
  probeTimeoutMs: 60_000,
  fallback: { kind: 'next-tier' },
};

/** Notes at each step what another thread would see in the shared tables then. */
class WatchingWriter extends RecordedWriter {
  readonly seen: string[] = [];
  private readonly look: () => string;

  constructor(look: () => string) {
    super();
    this.look = look;
  }

  override begin(head: RecordedWriter['head'], framing: string): void {
    this.seen.push(`begin ${this.look()}`);
    super.begin(head, framing);
  }

  override end(): void {
    this.seen.push(`end ${this.look()}`);
    super.end();
  }
}

async function watch(status: number): Promise<readonly string[]> {
  const model = gatewayModel({
    backends: [backend('up', { breaker: BREAKER })],
    routes: [route('r', [target('up')])],
  });
  const calls: UpstreamCall[] = [];
  const pool = { dispatch: (call: UpstreamCall) => calls.push(call) };
  const resources = { ...threadResources(), pools: { acquire: () => pool, release() {}, close() {} } as never };
  const keys = [...rowIdsOf(model), ...model.backends.map(({ id }) => retryBudgetKey(id))];
  const rows = Object.fromEntries(keys.map((key, row) => [key, row]));
  const runtime = compileRuntime(model, rows, resources, 1);
  const writer = new WatchingWriter(() => {
    const breaker = keys
      .map((_, row) => resources.breakers.describe(row, Date.now()).state)
      .find((state) => state !== 'closed');
    const inFlight = keys.reduce((sum, _, row) => sum + resources.table.inFlight(row), 0);
    return `${breaker ?? 'closed'} ${inFlight}`;
  });
  runtime.handlerFor(model.listeners[0].id)?.handle(exchangeOf('GET /x', [], { writer }));
  const [{ receiver }] = calls;
  receiver.onHead(answerOf('GET', [`HTTP/1.1 ${status} Some`, 'Content-Length: 0']));
  receiver.onAnswerEnd(undefined);
  await runtime.dispose();
  resources.close();
  return writer.seen;
}

test('a failure opens the breaker before the client hears of it', async () => {
  assert.deepEqual(await watch(503), ['begin open 1', 'end open 0']);
});

test('an answer is off the endpoint’s load before its end can reach the client', async () => {
  assert.deepEqual(await watch(200), ['begin closed 1', 'end closed 0']);
});
