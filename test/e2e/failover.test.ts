// Failover inside the failing request, over real sockets: whatever the first provider does before the first useful byte, the
// client of an AI route sees one good answer; and when nobody has one, the last answer there was.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { FILE_SCOPE, type LogLine } from '../support/ai-gateway.ts';
import { metricSum } from '../support/exposition.ts';
import { startTestGateway, until } from './support/gateway.ts';

const [first, second] = await Promise.all(['first', 'second'].map((name) => startSimulator({ port: 0, name })));
FILE_SCOPE.after(() => Promise.all([first.close(), second.close()]));

const ai = (url: string) => ({ provider: 'openai', base_url: `${url}/v1`, api_key: 'k' });
const gateway = await startTestGateway(FILE_SCOPE, {
  args: ['--workers', '2'],
  config: {
    backends: { first: ai(first.url), second: ai(second.url), gone: ai('http://127.0.0.1:1') },
    routes: [
      {
        name: 'ai',
        match: { path: '/v1/*' },
        backends: [
          { backend: 'first', tier: 0 },
          { backend: 'second', tier: 1 },
        ],
        timeout: { first_byte: '400ms', idle: '300ms' },
      },
      {
        name: 'last',
        match: { path: '/last/v1/*' },
        backends: [
          { backend: 'first', tier: 0 },
          { backend: 'gone', tier: 1 },
        ],
      },
    ],
  },
});

let requests = 0;

interface Seen {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  readonly line: LogLine;
}

async function ask(kind: 'json' | 'sse', prefix = ''): Promise<Seen> {
  const requestId = `failover-${requests++}`;
  const response = await gateway.fetch(`${prefix}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-request-id': requestId },
    body: JSON.stringify({
      model: 'gpt-4o',
      stream: kind === 'sse',
      messages: [{ role: 'user', content: 'one two three four five' }],
    }),
  });
  const text = await response.text();
  const line = await until('the log line', () =>
    (gateway.accessLog as unknown as readonly LogLine[]).find((each) => each.request_id === requestId),
  );
  return { status: response.status, text, headers: response.headers, line };
}

const GOOD = {
  json: /^\{.*"finish_reason":"stop".*\}$/s,
  sse: /^data: .*"finish_reason":"stop".*data: \[DONE\]\n\n$/s,
};

/** What the first try is recorded as: its status, and its error. */
const RESCUED: readonly (readonly [
  fault: string,
  kinds: readonly ('json' | 'sse')[],
  status: number,
  error?: string,
])[] = [
  ['reset-before-headers', ['json', 'sse'], 0, 'upstream.reset'],
  ['hang', ['json', 'sse'], 0, 'upstream.first-byte-timeout'],
  ['status-500', ['json', 'sse'], 500],
  ['status-503', ['json', 'sse'], 503],
  ['status-408', ['json'], 408],
  ['429-30s', ['json', 'sse'], 429],
  ['quota', ['json'], 429],
  ['status-401', ['json'], 401],
  ['status-404', ['json', 'sse'], 404],
  ['context-window', ['json', 'sse'], 400],
  ['status-503+bytes-1MB', ['json'], 503],
  ['status-503+slow-1kbps', ['json'], 503],
  ['reset-after-headers', ['json', 'sse'], 200, 'upstream.cut'],
  ['cut', ['json'], 200, 'upstream.cut'],
  ['cut-0', ['sse'], 200, 'upstream.cut'],
  ['bad-chunk-0', ['sse'], 200, 'upstream.cut'],
  ['stall', ['json'], 200, 'upstream.idle-timeout'],
  ['stall-0', ['sse'], 200, 'upstream.idle-timeout'],
  ['error-in-stream', ['json', 'sse'], 200, 'upstream.in-band-error'],
  ['empty-stream', ['sse'], 200, 'upstream.cut'],
];

for (const [fault, kinds, status, error] of RESCUED) {
  for (const kind of kinds) {
    test(`${kind} ${fault}: the second provider answers`, async () => {
      first.setFaults([{ fault }]);
      const seen = await ask(kind);
      assert.equal(seen.status, 200, seen.text);
      assert.match(seen.text, GOOD[kind]);
      assert.equal(seen.headers.get('x-simulator'), 'second');
      const attempts = seen.line.attempts.map((attempt) => [attempt.backend, attempt.status, attempt.error]);
      assert.deepEqual(attempts, [
        ['first', status, error],
        ['second', 200, undefined],
      ]);
      assert.equal(seen.line.upstream, 'second');
      assert.equal(seen.line.error, undefined);
      assert.equal(seen.line.stream_end, 'complete');
      assert.ok((seen.line.gen_ai?.usage.total_tokens ?? 0) > 0);
    });
  }
}

test('the client’s own mistake is nobody else’s: it passes at once', async () => {
  for (const fault of ['status-400', 'status-422', 'status-413']) {
    first.setFaults([{ fault }]);
    const seen = await ask('json');
    assert.equal(seen.status, Number(fault.slice(-3)));
    assert.match(seen.text, /The simulator refuses this request/);
    assert.equal(seen.line.attempts.length, 1);
  }
});

test('after the first useful delta nothing is tried again: the stream ends with its own error', async () => {
  first.setFaults([{ fault: 'cut-2' }]);
  const seen = await ask('sse');
  assert.match(seen.text, /said[\s\S]*"code":"upstream\.cut"\}\}\n\n$/);
  assert.equal(seen.line.attempts.length, 1);
  assert.equal(seen.line.stream_end, 'upstream-cut');
});

test('a stream whose first delta is late is waited for, not asked twice', async () => {
  first.setFaults([{ fault: 'first-token-250ms' }]);
  const seen = await ask('sse');
  assert.match(seen.text, GOOD.sse);
  assert.deepEqual(
    seen.line.attempts.map(({ backend }) => backend),
    ['first'],
  );
});

test('a large JSON answer passes in pieces, whole', async () => {
  first.setFaults([{ fault: 'bytes-2MB' }]);
  const seen = await ask('json');
  assert.match(seen.text, GOOD.json);
  assert.ok(seen.text.length > 2_000_000);
  assert.equal(seen.line.attempts.length, 1);
});

test('when both refuse, the last refusal is the answer, with its Retry-After', async () => {
  first.setFaults([{ fault: 'status-503' }]);
  second.setFaults([{ fault: '429-7s' }]);
  const seen = await ask('json');
  second.setFaults([]);
  assert.equal(seen.status, 429);
  assert.equal(seen.headers.get('retry-after'), '7');
  assert.match(seen.text, /rate_limit_exceeded/);
  assert.equal(seen.line.attempts.length, 2);
  assert.equal(seen.line.upstream, 'second');
});

test('when the second has no answer at all, the first one’s is relayed', async () => {
  first.setFaults([{ fault: '429-9s' }]);
  for (const kind of ['json', 'sse'] as const) {
    const seen = await ask(kind, '/last');
    assert.equal(seen.status, 429, seen.text);
    assert.equal(seen.headers.get('retry-after'), '9');
    assert.match(seen.text, /^\{"error":\{[\s\S]*rate_limit_exceeded[\s\S]*\}\}$/);
    assert.deepEqual(
      seen.line.attempts.map(({ backend, error }) => [backend, error]),
      [
        ['first', undefined],
        ['gone', 'upstream.connect-failed'],
      ],
    );
    assert.equal(seen.line.upstream, 'first');
  }
  first.setFaults([{ fault: 'reset-before-headers' }]);
  const seen = await ask('json', '/last');
  assert.equal(seen.status, 502, 'nobody answered: the gateway does');
  assert.equal(JSON.parse(seen.text).error.code, 'upstream.connect-failed');
});

test('the primary dies under load: no client notices', async () => {
  for (const kind of ['json', 'sse'] as const) {
    const dying = await startSimulator({ port: 0, name: 'dying', faults: [{ fault: 'latency-300ms' }] });
    const config = {
      backends: { first: ai(dying.url), second: ai(second.url) },
      routes: [
        {
          name: 'ai',
          match: { path: '/v1/*' },
          backends: [
            { backend: 'first', tier: 0 },
            { backend: 'second', tier: 1 },
          ],
        },
      ],
    };
    const own = await startTestGateway(FILE_SCOPE, { args: ['--workers', '2'], config });
    const body = JSON.stringify({ model: 'm', stream: kind === 'sse', messages: [{ role: 'user', content: 'hello' }] });
    const answers = Array.from({ length: 40 }, async () => {
      const response = await own.fetch('/v1/chat/completions', { method: 'POST', body });
      return [response.status, await response.text()] as const;
    });
    await until('all are waiting', () => dying.received().length === 40);
    await dying.close();
    for (const [status, text] of await Promise.all(answers)) {
      assert.equal(status, 200, text);
      assert.match(text, GOOD[kind]);
    }
    const metrics = await (await own.admin('/metrics')).text();
    const retried = metricSum(metrics, 'gateway_upstream_retries_total', { upstream: 'first', reason: 'reset' });
    assert.equal(retried, 40);
  }
});

test('a fallback order and a target of weight 0 act like tiers', async () => {
  const backends = { first: ai(first.url), second: ai(second.url) };
  const configs = [
    { backends, routes: [{ match: { path: '/v1/*' }, backend: 'first' }], fallback: { fallback_order: ['second'] } },
    { backends, fallback: { max_retries: 1, fallback_order: ['first', 'second'] } },
    {
      backends,
      routes: [{ match: { path: '/v1/*' }, backends: [{ backend: 'second', weight: 0 }, { backend: 'first' }] }],
    },
  ];
  const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hello' }] });
  for (const config of configs) {
    const own = await startTestGateway(FILE_SCOPE, { args: ['--workers', '1'], config });
    for (const [fault, by] of [
      ['latency-1ms', 'first'],
      ['status-503', 'second'],
    ]) {
      first.setFaults([{ fault }]);
      const response = await own.fetch('/v1/chat/completions', { method: 'POST', body });
      assert.equal(response.status, 200, await response.text());
      assert.equal(response.headers.get('x-simulator'), by);
    }
  }
});

test('retries are counted by backend and reason', async () => {
  const metrics = await (await gateway.admin('/metrics')).text();
  for (const reason of ['reset', 'timeout', '503', '429', '401', '404', '400']) {
    const count = metricSum(metrics, 'gateway_upstream_retries_total', { upstream: 'first', reason });
    assert.ok(count > 0, reason);
  }
  assert.equal(metricSum(metrics, 'gateway_active_requests'), 0);
  assert.equal(metricSum(metrics, 'gateway_upstream_pending'), 0);
  assert.doesNotMatch(gateway.stderr, /bug|unexpected/i);
});
