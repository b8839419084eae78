// No secret is shown, everything else is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatewayModel } from '../model/gateway-model.ts';
import { redactModel } from './redact-model.ts';

test('keys, credentials and header values that carry them are hidden', () => {
  const model = {
    listeners: [{ id: 'tls', tls: { certificate: 'CERT', key: 'PRIVATE' } }],
    backends: [
      { name: 'a', provider: { name: 'openai', apiKey: 'sk-1', config: { project: 'p' } } },
      { name: 'b', tls: { ca: 'CA', key: 'PRIVATE' }, endpoints: [{ url: 'https://user:pass@host:443', weight: 1 }] },
    ],
    routes: [
      {
        name: 'r',
        filters: [
          { filter: 'request-header-modify', config: { set: [{ name: 'Authorization', value: 'Bearer x' }] } },
          { filter: 'request-header-modify', config: { set: [{ name: 'X-Team', value: 'blue' }] } },
          { filter: 'request-header-modify', config: { add: [{ name: 'x-goog-api-key', value: 'k' }] } },
        ],
      },
    ],
  } as unknown as GatewayModel;
  const hidden = { name: 'a', provider: { name: 'openai', apiKey: '***', config: { project: 'p' } } };
  assert.deepEqual(redactModel(model), {
    listeners: [{ id: 'tls', tls: { certificate: 'CERT', key: '***' } }],
    backends: [
      hidden,
      { name: 'b', tls: { ca: 'CA', key: '***' }, endpoints: [{ url: 'https://***@host:443', weight: 1 }] },
    ],
    routes: [
      {
        name: 'r',
        filters: [
          { filter: 'request-header-modify', config: { set: [{ name: 'Authorization', value: '***' }] } },
          { filter: 'request-header-modify', config: { set: [{ name: 'X-Team', value: 'blue' }] } },
          { filter: 'request-header-modify', config: { add: [{ name: 'x-goog-api-key', value: '***' }] } },
        ],
      },
    ],
  });
});
