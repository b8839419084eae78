// The router as the compiled runtime asks it: explanations name the reasons, refusals their codes, and keys are targets.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { NO_ROUTER, type RouterSettings, type Tenant } from '../../model/router.ts';
import { alias, backend, explain, gatewayModel, ORIGIN, route, target } from '../testing/gateway-model.ts';

const ROUTER: RouterSettings = { ...NO_ROUTER, origin: ORIGIN, isOn: true, autoNames: ['auto'], readsWishes: true };
const OPENAI = { name: 'openai', config: {}, basePath: '/v1', forwardCredential: false };
const COMPATIBLE = { ...OPENAI, name: 'openai-compatible', models: ['llama-3'] };

function model(parts: Parameters<typeof gatewayModel>[0] = {}) {
  return gatewayModel({
    backends: [backend('main', { provider: { ...OPENAI, apiKey: 'k' } }), backend('local', { provider: COMPATIBLE })],
    routes: [route('ai', [target('main'), target('local')])],
    aliases: [alias('fast', [{ backend: 'main' as never, model: 'gpt-4o-mini', weight: 1, tier: 0 }])],
    router: ROUTER,
    ...parts,
  });
}

const ask = (body: object, headers: readonly (readonly [string, string])[] = []) => ({
  method: 'POST',
  path: '/v1/chat/completions',
  headers,
  body: JSON.stringify({ messages: [], ...body }),
});

async function candidates(body: object, parts: Parameters<typeof gatewayModel>[0] = {}): Promise<readonly string[]> {
  const explained = await explain(model(parts), ask(body));
  return explained.candidates.map((each) => `${each.backend}/${each.model}: ${each.because}`);
}

test('every candidate says why it is there', async () => {
  assert.deepEqual(await candidates({ model: 'auto' }), [
    'main/gpt-4o-mini: strategy balanced, number 1 of its list, has gpt-4o-mini; tier 0, 100 % of its traffic',
    'main/gpt-4: strategy balanced, number 3 of its list, has gpt-4; tier 1, 100 % of its traffic',
    'local/llama-3: strategy balanced, behind its list, price not known; tier 2, 100 % of its traffic',
  ]);
  assert.deepEqual(await candidates({ model: 'fast' }), ['main/gpt-4o-mini: alias fast; tier 0, 100 % of its traffic']);
  assert.deepEqual(await candidates({ model: 'local/x/y' }), [
    'local/x/y: named as local/x/y; tier 0, 100 % of its traffic',
  ]);
});

test('a name with a backend in front is addressed without any router too, an alias before it', async () => {
  const { router: _router, ...plain } = model({ aliases: [] });
  const explained = await explain(plain, ask({ model: 'local/llama-9' }));
  assert.deepEqual(
    explained.candidates.map(({ backend: name, model: sent }) => [name, sent]),
    [['local', 'llama-9']],
  );
  const unknown = await explain(plain, ask({ model: 'meta/llama-9' }));
  assert.equal(unknown.candidates.length, 2);
});

test('refusals have their codes', async () => {
  const red: Tenant = {
    name: 'red',
    origin: ORIGIN,
    keyHashes: [createHash('sha256').update('red').digest('hex')],
    isDefault: false,
    allowedModels: ['gpt-4o-mini'],
  };
  const result = async (body: object, headers: readonly (readonly [string, string])[], tenants?: readonly Tenant[]) => {
    const { result: found } = await explain(model(tenants && { tenants }), ask(body, headers));
    return found.kind === 'reply' ? found.error : found.kind;
  };
  assert.equal(await result({ model: 'claude-3' }, []), 'model.not-found');
  assert.equal(await result({}, []), 'request.model-missing');
  assert.equal(await result({ model: 'gpt-4o', models: 'x' }, []), 'request.bad-preference');
  assert.equal(await result({ model: 'gpt-4o' }, [['x-api-key', 'red']], [red]), 'model.not-allowed');
  assert.equal(await result({ model: 'gpt-4o' }, [['x-api-key', 'blue']], [red]), 'tenant.unknown');
  assert.equal(await result({ model: 'gpt-4o-mini' }, [['x-api-key', 'red']], [red]), 'forward');
});

test('each of several keys is a target by its weight, and shown by its hash alone', async () => {
  const apiKeys = [
    { apiKey: 'sk-one', weight: 1 },
    { apiKey: 'sk-two', weight: 3 },
  ];
  const keyed = backend('main', { provider: { ...OPENAI, apiKey: 'sk-one', apiKeys } });
  const found = await candidates({ model: 'gpt-4o' }, { backends: [keyed], routes: [route('ai', [target('main')])] });
  const hash = (key: string) => createHash('sha256').update(key).digest('hex').slice(0, 8);
  assert.deepEqual(found, [
    `main/gpt-4o: has gpt-4o, key 2 (${hash('sk-two')}); tier 0, 75 % of its traffic`,
    `main/gpt-4o: has gpt-4o, key 1 (${hash('sk-one')}); tier 0, 25 % of its traffic`,
  ]);
});
