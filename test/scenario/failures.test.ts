// What clients see when endpoints die, fail, or leave: nothing. In simulated time, by the code that serves live traffic.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runAsExpected } from './support/run.ts';

test('one of two endpoints dies under 2,000 completions a second: no client error, out at once, back with slow start', async () => {
  const { requests } = await runAsExpected(`
scenario: one of two endpoints dies and comes back
config:
  backends:
    chat:
      provider: openai-compatible
      base_url: http://a:8000/v1
      endpoints: ["http://a:8000", "http://b:8000"]
      slow_start: 5s
      outlier_detection: {consecutive_5xx: 5, base_ejection_time: 4s}
  routes: [{name: ai, match: {path: /v1/*}, backend: chat}]
duration: 18s
load:
  rate: 2000/s
  requests: {path: /v1/chat/completions, json: {model: m, messages: [{role: user, content: Hello}]}}
events: [{at: 6s, for: 3s, endpoint: "http://b:8000", behave: {network: refused}}]
expect:
  - errors: 0
  - {status: {200: 100%}}
  - {until: 6s, share: {endpoint: {"http://a:8000": 50%, "http://b:8000": 50%}}}
  - {at: 6050ms, backend: chat, endpoint: "http://b:8000", usable: false}
  - {at: 11s, backend: chat, endpoint: "http://b:8000", usable: true}
  - {from: 16s, share: {endpoint: {"http://a:8000": 50%, "http://b:8000": 50%}, within: 2%}}
`);
  const failed = requests.flatMap(({ atMs, attempts }) =>
    attempts.filter(({ endpoint, status }) => endpoint === 'http://b:8000' && status === 0).map(() => atMs),
  );
  // Those under way when it died (2,000 a second, half of them there, 20 ms each), and the threshold; nobody met it later.
  assert.ok(failed.length <= 2000 * 0.5 * 0.022 * 1.6 + 5, `${failed.length} attempts failed`);
  const share = (fromMs: number, untilMs: number): number => {
    const sent = requests.filter(({ atMs }) => atMs >= fromMs && atMs < untilMs);
    return sent.filter(({ endpoint }) => endpoint === 'http://b:8000').length / sent.length;
  };
  const back = requests.find(({ atMs, endpoint }) => atMs > 6100 && endpoint === 'http://b:8000')?.atMs ?? 0;
  assert.ok(back > 9000, 'not asked while it is down');
  const ramp = [share(back, back + 1000), share(back + 2000, back + 3000), share(back + 4000, back + 5000)];
  assert.ok(ramp[0] < 0.25 && ramp[0] < ramp[1] && ramp[1] < ramp[2], `shares of the endpoint that is back: ${ramp}`);
});

test('retry storm: all endpoints fail half of 1,000 requests a second, and attempts stay within 1.25 of the requests', async () => {
  await runAsExpected(`
scenario: retry storm
config:
  backends:
    chat:
      provider: openai-compatible
      base_url: http://a:8000/v1
      endpoints: ["http://a:8000", "http://b:8000", "http://c:8000"]
  routes: [{name: ai, match: {path: /v1/*}, backend: chat}]
duration: 15s
endpoints: {"*": {failures: {kind: status, status: 503, share: 50%}}}
load:
  rate: 1000/s
  requests: {path: /v1/chat/completions, json: {model: m, messages: [{role: user, content: Hello}]}}
expect:
  - attempts_per_request: "<= 1.25"
  - attempts_per_request: ">= 1.15"
  # Half of the requests fail at first; a retry for 20 % of them saves half of those it is spent on.
  - status: {200: ">= 55%", 503: "<= 45%"}
`);
});

const TWO_PROVIDERS = `
config:
  backends:
    primary: {provider: openai-compatible, base_url: "http://primary:8000/v1"}
    standby: {provider: openai-compatible, base_url: "http://standby:8000/v1"}
  routes:
    - name: ai
      match: {path: /v1/*}
      backends: [{backend: primary, tier: 0}, {backend: standby, tier: 1}]
`;

for (const [what, stream, body, behaviour] of [
  ['a JSON answer', 'false', '["You said: Hello", "\\"total_tokens\\""]', '{latency: 2s}'],
  ['a stream before its first delta', 'true', '["Hello", "data: [DONE]"]', '{latency: 100ms, first_delta: 3s}'],
] as const) {
  for (const network of ['refused', 'silent']) {
    test(`the primary provider dies (${network}) in the middle of ${what}: the client sees one good answer`, async () => {
      const { singles } = await runAsExpected(`
scenario: mid-request kill
${TWO_PROVIDERS}
      timeout: {first_byte: 5s, idle: 5s}
endpoints: {"http://primary:8000": ${behaviour}}
events: [{at: 1s, endpoint: "http://primary:8000", behave: {network: ${network}}}]
requests:
  - name: completion
    path: /v1/chat/completions
    json: {model: m, stream: ${stream}, messages: [{role: user, content: Hello}]}
    expect: {status: 200, backend: standby, attempts: 2, body: ${body}}
`);
      const [[answer]] = [...singles.values()];
      const ends = answer.body.split(stream === 'true' ? 'data: [DONE]' : '"object":"chat.completion"').length - 1;
      assert.equal(ends, 1, answer.body);
      assert.doesNotMatch(answer.body, /"error"/);
    });
  }
}

test('endpoints are added and removed every second under load: no error, no attempt at one that is gone', async () => {
  const { requests, said } = await runAsExpected(`
scenario: churn
config: test/scenario/churn/three.yaml
duration: 30s
load:
  rate: 500/s
  requests:
    - {path: /x, weight: 3}
    - {path: /y, method: POST, body: "small"}
    - {path: /z, body_size: 200KB, weight: 0.2}
events: [{at: 1s, every: 1s, reload: [test/scenario/churn/two.yaml, test/scenario/churn/other-two.yaml, test/scenario/churn/three.yaml]}]
expect:
  - errors: 0
  - attempts_per_request: "= 1"
  - {from: 1s, until: 2s, share: {endpoint: {"http://a:80": 50%, "http://b:80": 50%}, within: 2%}}
  - {from: 2s, until: 3s, share: {endpoint: {"http://b:80": 50%, "http://c:80": 50%}, within: 2%}}
`);
  assert.equal(said.length, 30, said.map(({ line }) => line).join('\n'));
  for (const { atMs, endpoint } of requests) {
    const gone =
      Math.floor(atMs / 1000) % 3 === 1 ? 'http://c:80' : Math.floor(atMs / 1000) % 3 === 2 ? 'http://a:80' : '';
    assert.notEqual(endpoint, gone, `sent at ${atMs} ms`);
  }
});

test('one of two endpoints dies under load behind circuit breakers: its own opens, the backend goes on without an error', async () => {
  await runAsExpected(`
scenario: one of two endpoints dies behind circuit breakers
config:
  backends:
    chat:
      provider: openai-compatible
      base_url: http://a:8000/v1
      endpoints: ["http://a:8000", "http://b:8000"]
      circuit_breaker: {failure_threshold: 5, timeout: 3s}
  routes: [{name: ai, match: {path: /v1/*}, backend: chat}]
duration: 18s
workers: 2
load:
  rate: 2000/s
  requests: {path: /v1/chat/completions, json: {model: m, messages: [{role: user, content: Hello}]}}
events: [{at: 4s, for: 4s, endpoint: "http://b:8000", behave: {network: refused}}]
expect:
  - errors: 0
  - {status: {200: 100%}}
  - {at: 4100ms, backend: chat, breaker: closed}
  # Opened again for twice as long by the probe of the seventh second.
  - {from: 15s, share: {endpoint: {"http://a:8000": 50%, "http://b:8000": 50%}, within: 5%}}
`);
});

test('all endpoints fail behind circuit breakers: the backend is out, and back when one answers', async () => {
  await runAsExpected(`
scenario: all endpoints fail behind circuit breakers
config:
  backends:
    up:
      endpoints: ["http://a:80", "http://b:80"]
      circuit_breaker: {failure_threshold: 5, timeout: 2s}
  routes: [{name: all, match: {path: /*}, backend: up}]
duration: 10s
workers: 2
load: {rate: 200/s, requests: {path: /x}}
events:
  - {at: 2s, for: 3s, endpoint: "http://a:80", behave: {status: 500}}
  - {at: 2s, for: 3s, endpoint: "http://b:80", behave: {status: 500}}
expect:
  - {at: 2500ms, backend: up, breaker: open}
  - {from: 2500ms, until: 3900ms, status: {503: 100%}}
  - {at: 9s, backend: up, breaker: closed}
  - {from: 9s, status: {200: 100%}}
`);
});
