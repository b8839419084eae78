// What operators see: the access log's fields, metric names and labels, ids and traces in and out, health paths.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { aiConfig, CLIENT_KEY, FILE_SCOPE, startAiGateway } from '../support/ai-gateway.ts';
import { metricSum } from '../support/exposition.ts';
import { until } from './support/gateway.ts';

const ai = await startAiGateway(FILE_SCOPE, {
  args: ['--workers', '2'],
  config: (url) => {
    const config = aiConfig(url);
    const [first, plain] = config.routes as readonly object[];
    const marked = { ...first, headers: { request: { set: { 'X-Environment': 'production' } } } };
    const listeners = [{ name: 'public', port: 0 }];
    const log = { request_headers: ['x-environment', 'User-Agent'] };
    return { ...config, listeners, routes: [marked, plain], log, models: { fast: 'gpt-4o-mini' } };
  },
});
const CHAT = JSON.stringify({ model: 'fast', messages: [{ role: 'user', content: 'Hello there' }] });

test('the log line of an AI request', async () => {
  const before = Date.now();
  const path = '/v1/chat/completions';
  const headers = { 'x-request-id': 'sight-1', 'user-agent': 'tests/1' };
  const response = await ai.post(`${path}?tag=a&api_key=${CLIENT_KEY}`, CHAT, headers);
  const bytes = (await response.arrayBuffer()).byteLength;
  const line = await ai.line('sight-1');
  assert.ok(Math.abs(Date.parse(line.timestamp) - before) < 10_000);
  assert.match(line.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.match(line.trace_id, /^[0-9a-f]{32}$/);
  assert.match(line.span_id, /^[0-9a-f]{16}$/);
  assert.equal(line.listener, 'public');
  assert.equal(line.route_name, 'ai');
  assert.match(line.route_why, /gateway\.yaml:\d+$/);
  assert.equal(line.upstream, 'ai');
  assert.equal(line.client_ip, '127.0.0.1');
  assert.equal(line.request.method, 'POST');
  assert.equal(line.request.path, path);
  assert.equal(line.request.query, 'tag=a&api_key=***');
  assert.equal(line.request.bytes, CHAT.length);
  assert.deepEqual(line.request.headers, { 'x-environment': 'production', 'user-agent': 'tests/1' });
  assert.equal(line.status, 200);
  assert.equal(line.response_bytes, bytes);
  assert.ok(line.duration_ms > 0 && line.first_byte_ms > 0 && line.first_byte_ms <= line.duration_ms);
  assert.equal(line.attempts.length, 1);
  assert.deepEqual({ ...line.attempts[0], ms: 0 }, { backend: 'ai', endpoint: ai.simulator.url, status: 200, ms: 0 });
  assert.equal(line.gen_ai?.operation.name, 'chat');
  assert.equal(line.gen_ai?.provider.name, 'openai');
  assert.deepEqual(line.gen_ai?.request, { model: 'fast', sent_model: 'gpt-4o-mini', streaming: false });
  assert.equal(line.gen_ai?.response.model, 'gpt-4o-mini');
  const usage = line.gen_ai?.usage;
  assert.ok(usage !== undefined && usage.input_tokens > 0);
  assert.equal(usage.total_tokens, usage.input_tokens + usage.output_tokens);
});

test('a streamed request tells usage and time to the first token; a plain one has no AI fields', async () => {
  const body = CHAT.replace('"fast"', '"sim-first-token-50ms","stream":true');
  await (await ai.post('/v1/chat/completions', body, { 'x-request-id': 'sight-2' })).text();
  const line = await ai.line('sight-2');
  assert.equal(line.gen_ai?.request.streaming, true);
  assert.ok((line.gen_ai?.response.first_token_ms ?? 0) >= 45);
  assert.ok((line.gen_ai?.usage.total_tokens ?? 0) > 0);
  await (await ai.gateway.fetch('/plain/x', { headers: { 'x-request-id': 'sight-3' } })).text();
  const plain = await ai.line('sight-3');
  assert.equal(plain.gen_ai, undefined);
  assert.equal(plain.route_name, 'plain');
});

test('every line on stdout is one JSON object, whatever a request holds', async () => {
  const odd = '/plain/%22%0a%7b?q=%0d%0a"\\u2028';
  await (
    await ai.gateway.fetch(odd, { headers: { 'user-agent': 'quote " back \\ tab\t é', 'x-request-id': 's-4' } })
  ).text();
  const line = await ai.line('s-4');
  assert.equal(line.request.path, '/plain/%22%0A%7B', 'as it was matched and sent: escapes in upper case');
  const lines = ai.gateway.stdout.split('\n').slice(0, -1);
  for (const text of lines) assert.equal(typeof JSON.parse(text), 'object');
});

test('a valid x-request-id is kept, sent on and echoed; another is replaced', async () => {
  const kept = await ai.gateway.fetch('/nowhere', { headers: { 'x-request-id': 'order-42' } });
  assert.equal(kept.headers.get('x-request-id'), 'order-42');
  await ai.gateway.fetch('/plain/x', { headers: { 'x-request-id': 'order-43' } });
  assert.equal(ai.last().headers['x-request-id'], 'order-43');
  const bad = ['', 'with space', 'x'.repeat(300), 'semi;colon"quote'];
  for (const value of bad) {
    const response = await ai.gateway.fetch('/nowhere', { headers: { 'x-request-id': value } });
    assert.match(response.headers.get('x-request-id') ?? '', /^[0-9a-f]{32}$/, JSON.stringify(value));
  }
});

test('a trace is continued, or begun where there is none', async () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const parent = '00f067aa0ba902b7';
  const headers = { traceparent: `00-${traceId}-${parent}-00`, tracestate: 'vendor=1', 'x-request-id': 'trace-1' };
  for (const path of ['/plain/x', '/v1/chat/completions']) {
    const init = path === '/plain/x' ? { headers } : { method: 'POST', body: CHAT, headers };
    await (await ai.gateway.fetch(path, init)).text();
    const sent = ai.last().headers;
    const [version, trace, span, flags] = sent.traceparent.split('-');
    assert.deepEqual([version, trace, flags], ['00', traceId, '00'], path);
    assert.match(span, /^(?!00f067aa0ba902b7)[0-9a-f]{16}$/, 'a span of our own');
    assert.equal(sent.tracestate, 'vendor=1');
  }
  const line = await ai.line('trace-1');
  assert.equal(line.trace_id, traceId);
  for (const traceparent of ['garbage', `00-${'0'.repeat(32)}-${parent}-01`]) {
    await ai.gateway.fetch('/plain/x', { headers: { traceparent, tracestate: 'vendor=1' } });
    const sent = ai.last().headers;
    assert.match(sent.traceparent, /^00-(?!0{32})[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    assert.equal(sent.tracestate, undefined, 'state belongs to the trace that was dropped');
  }
});

test('metrics have the names and labels that dashboards use', async () => {
  await (await ai.post('/v1/chat/completions', CHAT)).text();
  const ask = CHAT.replace('{', '{"stream":true,');
  await (await ai.post('/v1/chat/completions', ask)).text();
  const labels = { gen_ai_operation_name: 'chat', gen_ai_provider_name: 'openai', gen_ai_request_model: 'gpt-4o-mini' };
  const text = await until('the requests are counted', async () => {
    const page = await ai.metrics();
    return metricSum(page, 'gen_ai_server_time_to_first_token_count', labels) > 0 ? page : undefined;
  });
  const routed = { route: 'ai', method: 'POST', status_code: '200', upstream: 'ai' };
  assert.ok(metricSum(text, 'gateway_route_requests_total', routed) > 0);
  assert.ok(metricSum(text, 'gateway_route_duration_seconds_count', { route: 'ai', upstream: 'ai' }) > 0);
  assert.ok(metricSum(text, 'gateway_route_first_byte_seconds_count', { route: 'ai', upstream: 'ai' }) > 0);
  assert.ok(metricSum(text, 'agentgateway_requests_total', { route_name: 'ai', model: 'gpt-4o-mini' }) > 0);
  assert.ok(metricSum(text, 'agentgateway_tokens_total', { route_name: 'ai', token_type: 'input' }) > 0);
  assert.ok(metricSum(text, 'agentgateway_tokens_total', { route_name: 'ai', token_type: 'output' }) > 0);
  assert.ok(metricSum(text, 'gen_ai_client_token_usage_count', { ...labels, gen_ai_token_type: 'input' }) > 0);
  assert.ok(metricSum(text, 'gen_ai_server_request_duration_count', labels) > 0);
  assert.ok(metricSum(text, 'gateway_stream_end_total', { route: 'ai', cause: 'complete' }) > 0);
  assert.ok(metricSum(text, 'gateway_upstream_attempts_total', { upstream: 'ai', result: '2xx' }) > 0);
  assert.equal(metricSum(text, 'gateway_upstream_health', { upstream: 'ai' }), 1);
  assert.ok(metricSum(text, 'gateway_route_requests_total', { route: 'none', status_code: '404' }) > 0);
  assert.equal(metricSum(text, 'gateway_config_generation'), 1);
});

const hasPromtool = spawnSync('promtool', ['--version']).error === undefined;

test('a live page passes promtool', { skip: hasPromtool ? false : 'promtool is not installed' }, async () => {
  const { status, stderr, stdout } = spawnSync('promtool', ['check', 'metrics'], {
    input: await ai.metrics(),
    encoding: 'utf8',
  });
  // 3 is a matter of taste (agentgateway's and OpenTelemetry's names are not ours to choose), 1 is a page that cannot be read.
  assert.ok(status === 0 || status === 3, stdout + stderr);
});

test('health, readiness and the state of the gateway', async () => {
  assert.equal((await ai.gateway.admin('/health')).status, 200);
  assert.equal((await ai.gateway.admin('/ready')).status, 200);
  const health = (await (await ai.gateway.admin('/gateway/health')).json()) as {
    readonly status: string;
    readonly configuration: string;
    readonly workers: { readonly up: number; readonly wanted: number };
    readonly listeners: readonly { readonly id: string }[];
  };
  assert.equal(health.status, 'ready');
  assert.equal(health.configuration, 'current');
  assert.deepEqual(health.workers, { up: 2, wanted: 2 });
  assert.deepEqual(
    health.listeners.map(({ id }) => id),
    ['public'],
  );
});
