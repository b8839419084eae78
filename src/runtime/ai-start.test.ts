// Which AI requests are read as JSON before they are planned, and which are passed on as they come.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Exchange } from '../pipeline/exchange.ts';
import { type AiStart, startAi } from './ai-start.ts';
import type { CompiledRoute } from './compiled-route.ts';
import { exchangeOf } from './testing/exchanges.ts';

const ROUTE = { name: 'ai', plan: {}, aliases: undefined, isAi: true } as unknown as CompiledRoute;

function start(exchange: Exchange, body = ''): AiStart | undefined {
  const bytes = Buffer.from(body);
  exchange.body.setWhole(bytes, 0, bytes.length);
  let result: AiStart | undefined;
  startAi(exchange, ROUTE, { models: [] }, (found) => {
    result = found;
  });
  return result;
}

const codeOf = (found: AiStart | undefined): string | undefined =>
  found !== undefined && 'code' in found ? found.code : undefined;

test('a completion must be JSON, even when it is empty', () => {
  const fields = ['content-type: application/json'];
  assert.equal(codeOf(start(exchangeOf('POST /v1/chat/completions', fields))), 'request.bad-json');
  assert.equal(codeOf(start(exchangeOf('POST /v1/chat/completions', fields), '[1]')), 'request.bad-json');
  const good = exchangeOf('POST /v1/chat/completions', fields);
  assert.equal(codeOf(start(good, '{"model":"m"}')), undefined);
  assert.equal(good.genAi?.requestModel, 'm');
});

test('cancelling a stored response has no body to read', () => {
  assert.equal(codeOf(start(exchangeOf('POST /v1/responses/resp_1/cancel'))), undefined);
});

test('form uploads are passed on as they come', () => {
  const fields = ['content-type: Multipart/form-data; boundary=x'];
  assert.equal(codeOf(start(exchangeOf('POST /v1/images/edits', fields), '--x--')), undefined);
});
