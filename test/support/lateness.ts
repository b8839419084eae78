// How long after its client left a provider sees the end of its request: what tests of aborts measure.
import assert from 'node:assert/strict';
import type { ReceivedRequest } from '../../src/simulator/received-log.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { until } from '../e2e/support/gateway.ts';

export const LATENESS_LIMIT_MS = 100;

/** Requests are told apart by the id the gateway passes on. */
export function arrival(simulator: Simulator, requestId: string): Promise<ReceivedRequest> {
  return until(`${requestId} arrives`, () =>
    simulator.received().find((request) => request.headers['x-request-id'] === requestId),
  );
}

/** How long after the client left the provider saw it. The simulator runs in this process, so both ends have one clock. */
export async function lateness(simulator: Simulator, requestId: string, leftAtMs: number): Promise<number> {
  const entry = await until('the upstream request ends', async () => {
    const request = await arrival(simulator, requestId);
    return request.outcome === 'serving' ? undefined : request;
  });
  assert.equal(entry.outcome, 'client-aborted');
  return entry.receivedAtMs + (entry.clientAbortedAfterMs ?? Number.NaN) - leftAtMs;
}

let tries = 0;

/** On a busy machine one measurement may show somebody else's work; three in a row do not. */
export async function assertPrompt(leave: (requestId: string) => Promise<number>): Promise<string> {
  const seenMs: number[] = [];
  while (seenMs.length < 3) {
    const requestId = `leave-${tries++}`;
    const lateMs = await leave(requestId);
    if (lateMs <= LATENESS_LIMIT_MS) return requestId;
    seenMs.push(lateMs);
  }
  return assert.fail(`the provider saw it after ${seenMs.join(', ')} ms`);
}
