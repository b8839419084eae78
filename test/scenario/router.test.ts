// What clients of an AI router see while providers are at their limits, refuse, or fail: an answer. In simulated time, by the code
// that serves live traffic.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runAsExpected } from './support/run.ts';

const LOAD = `
load:
  rate: 200/s
  requests: {path: /v1/chat/completions, json: {model: auto, messages: [{role: user, content: Hello}]}}
`;
const BACKENDS = `
  backends:
    cheap: {provider: openai-compatible, base_url: "http://cheap:8000/v1", models: [small]}
    dear: {provider: openai-compatible, base_url: "http://dear:8000/v1", models: [large]}
`;

test('a provider at its limit is left alone for as long as it says, and asked again afterwards', async () => {
  const { requests } = await runAsExpected(`
scenario: the cheap provider is at its limit for three seconds
config:
  ${BACKENDS.trim()}
  router: {priorities: {balanced: [small, large]}}
duration: 12s
${LOAD}
events: [{at: 4s, for: 3s, endpoint: "http://cheap:8000", behave: {failures: {kind: status, status: 429, retry_after: 2s}}}]
expect:
  - errors: 0
  - {status: {200: 100%}}
  - {until: 4s, share: {backend: {cheap: 100%}}}
  - {from: 4100ms, until: 7s, share: {backend: {dear: 100%}}}
  - {from: 8500ms, share: {backend: {cheap: 100%}}}
`);
  const refused = requests.flatMap(({ attempts }) => attempts.filter(({ status }) => status === 429));
  // Two spells of two seconds, each begun by the requests that were under way when its first refusal came.
  assert.ok(refused.length >= 2 && refused.length <= 40, `${refused.length} refusals`);
});

test('the breaker of the router takes a failing provider out for thirty seconds and tests it with one request', async () => {
  const { requests } = await runAsExpected(`
scenario: the cheap provider fails for a minute
config:
  ${BACKENDS.trim()}
  router: {priorities: {balanced: [small, large]}}
duration: 120s
load:
  rate: 20/s
  requests: {path: /v1/chat/completions, json: {model: auto, messages: [{role: user, content: Hello}]}}
events: [{at: 10s, for: 40s, endpoint: "http://cheap:8000", behave: {failures: {kind: status, status: 500}}}]
expect:
  - errors: 0
  - {status: {200: 100%}}
  - {from: 12s, until: 38s, share: {backend: {dear: 100%}}}
  - {from: 115s, share: {backend: {cheap: 100%}}}
`);
  const failed = requests.flatMap(({ attempts }) => attempts.filter(({ status }) => status === 500)).length;
  // Five open it; each later spell of thirty seconds and more costs one test request, and those under way.
  assert.ok(failed >= 6 && failed <= 12, `${failed} failures`);
});
