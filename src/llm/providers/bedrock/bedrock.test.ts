// Addresses, credentials, paths and models of Bedrock.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testProvider } from '../../provider.contract.ts';
import { bedrock } from './bedrock.ts';
import { BEDROCK_OPTIONS } from './bedrock-config.ts';

const TITAN = 'amazon.titan-embed-text-v2:0';
const CLAUDE = 'anthropic.claude-sonnet-4-20250514-v1:0';

testProvider(bedrock, 'cohere.embed-english-v3');

const config = (options: object) => {
  const parsed = BEDROCK_OPTIONS.parse(options);
  return parsed.ok ? parsed.value : assert.fail(JSON.stringify(parsed));
};

test('the address is that of the region, in China too', () => {
  assert.equal(bedrock.baseUrlOf?.(config({ region: 'us-east-1' })), 'https://bedrock-runtime.us-east-1.amazonaws.com');
  assert.equal(
    bedrock.baseUrlOf?.(config({ region: 'us-gov-west-1' })),
    'https://bedrock-runtime.us-gov-west-1.amazonaws.com',
  );
  assert.equal(
    bedrock.baseUrlOf?.(config({ region: 'cn-north-1' })),
    'https://bedrock-runtime.cn-north-1.amazonaws.com.cn',
  );
  assert.equal(bedrock.baseUrlOf?.(config({})), undefined);
});

test('options that are none are problems', () => {
  for (const options of [
    { region: 'evil.test/x' },
    { access_key_id: 'AK ID' },
    { session_token: 'a\r\nx: 1' },
    { guardrail: { id: 'abc' } },
    { guardrail: { id: 'abc', version: 'latest' } },
    { latency: 'fast' },
    { service_tier: 'auto' },
    { model_family: 'claude' },
    { api: 'invoke', latency: 'optimized' },
  ])
    assert.equal(BEDROCK_OPTIONS.parse(options).ok, false, JSON.stringify(options));
});

test('models stand in the path as AWS’s own clients write them', () => {
  const adapter = bedrock.compile(config({ region: 'us-east-1' }));
  const pathOf = (model: string, stream: boolean) => adapter.translation({ operation: 'chat', model, stream })?.path;
  assert.equal(pathOf(CLAUDE, false), '/model/anthropic.claude-sonnet-4-20250514-v1%3A0/converse');
  assert.equal(
    pathOf('arn:aws:bedrock:us-east-1:123:inference-profile/us.x', true),
    '/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123%3Ainference-profile%2Fus.x/converse-stream',
  );
  assert.equal(pathOf("a(b)!'*", false), '/model/a%28b%29%21%27%2A/converse');
  const count = adapter.translation({ operation: 'count-tokens', model: CLAUDE, stream: false });
  assert.equal(count?.path, '/model/anthropic.claude-sonnet-4-20250514-v1%3A0/count-tokens');
  assert.equal(count?.codec.kind, 'token-count');
  const vectors = adapter.translation({ operation: 'embeddings', model: TITAN, stream: false });
  assert.equal(vectors?.path, '/model/amazon.titan-embed-text-v2%3A0/invoke');
  assert.equal(adapter.translation({ operation: 'embeddings', model: CLAUDE, stream: false }), undefined);
  assert.equal(adapter.translation({ operation: 'responses', model: CLAUDE, stream: false }), undefined);
});

const SIGNABLE = {
  method: 'POST',
  authority: 'bedrock-runtime.eu-west-1.amazonaws.com',
  path: '/model/x/converse',
  query: '',
  body: Buffer.from('{}'),
  wallMs: Date.UTC(2026, 0, 2, 3, 4, 5),
};

test('a Bedrock API key is sent as it is, access keys sign', async () => {
  const bearer = bedrock.compile(config({ region: 'us-east-1' }));
  assert.equal(bearer.credentialLines('bedrock-api-key-abc'), 'authorization: Bearer bedrock-api-key-abc\r\n');
  assert.equal(bearer.sign, undefined);
  const keys = bedrock.compile(
    config({ region: 'us-east-1', access_key_id: 'AKIDEXAMPLE000000000', session_token: 'tok' }),
  );
  assert.equal(keys.credentialLines('secret'), '');
  const lines = await keys.sign?.(SIGNABLE, 'secret');
  assert.match(
    String(lines),
    /^authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE000000000\/20260102\/us-east-1\/bedrock\/aws4_request, /,
  );
  assert.match(String(lines), /\r\nx-amz-date: 20260102T030405Z\r\n/);
  assert.match(String(lines), /\r\nx-amz-security-token: tok\r\n$/);
  assert.ok(!String(lines).includes('secret'));
  assert.equal(await keys.sign?.(SIGNABLE, undefined), '');
});

test('without a region the address says it', async () => {
  const keys = bedrock.compile(config({ access_key_id: 'AKIDEXAMPLE000000000' }));
  const scopeOf = async (authority: string) =>
    /\/20260102\/([a-z0-9-]+)\//.exec(String(await keys.sign?.({ ...SIGNABLE, authority }, 'secret')))?.[1];
  assert.equal(await scopeOf('bedrock-runtime.eu-west-1.amazonaws.com'), 'eu-west-1');
  assert.equal(await scopeOf('bedrock-runtime-fips.us-gov-west-1.amazonaws.com'), 'us-gov-west-1');
  assert.equal(await scopeOf('127.0.0.1:8000'), 'us-east-1');
});

test('settings of the backend are in every request', () => {
  const adapter = bedrock.compile(
    config({
      region: 'us-east-1',
      model_family: 'anthropic',
      guardrail: { id: 'abc', version: 'DRAFT', trace: 'enabled', stream_mode: 'async' },
      latency: 'optimized',
      service_tier: 'priority',
    }),
  );
  const target = adapter.translation({
    operation: 'chat',
    model: 'arn:aws:x:application-inference-profile/abc',
    stream: true,
  });
  assert.ok(target?.codec.kind === 'chat');
  const body = target.codec.codec.encodeRequest({
    operation: 'chat',
    wire: 'openai-chat',
    model: 'arn:aws:x:application-inference-profile/abc',
    stream: true,
    messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
    parameters: { topK: 3 },
    wantsStreamUsage: true,
    rest: {},
  });
  assert.deepEqual(body, {
    messages: [{ role: 'user', content: [{ text: 'hi' }] }],
    additionalModelRequestFields: { top_k: 3 },
    performanceConfig: { latency: 'optimized' },
    serviceTier: { type: 'priority' },
    guardrailConfig: {
      guardrailIdentifier: 'abc',
      guardrailVersion: 'DRAFT',
      trace: 'enabled',
      streamProcessingMode: 'async',
    },
  });
});

test('Anthropic’s models are invoked in their own words where that is wished, others are not', () => {
  const adapter = bedrock.compile(config({ region: 'us-east-1', api: 'invoke' }));
  const invoked = adapter.translation({ operation: 'chat', model: CLAUDE, stream: true });
  assert.equal(invoked?.path, '/model/anthropic.claude-sonnet-4-20250514-v1%3A0/invoke-with-response-stream');
  assert.ok(invoked.codec.kind === 'chat');
  assert.equal(invoked.codec.codec.wire, 'anthropic-messages');
  assert.deepEqual(
    invoked.codec.codec.encodeRequest({
      operation: 'chat',
      wire: 'openai-chat',
      model: CLAUDE,
      stream: true,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
      parameters: { maxOutputTokens: 5 },
      wantsStreamUsage: true,
      rest: {},
    }),
    {
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: 5,
      messages: [{ role: 'user', content: 'hi' }],
    },
  );
  const whole = adapter.translation({ operation: 'chat', model: CLAUDE, stream: false });
  assert.equal(whole?.path, '/model/anthropic.claude-sonnet-4-20250514-v1%3A0/invoke');
  const nova = adapter.translation({ operation: 'chat', model: 'amazon.nova-pro-v1:0', stream: false });
  assert.equal(nova?.path, '/model/amazon.nova-pro-v1%3A0/converse');
});
