// Replies of the gateway's own: framing, fields, and errors in the format of the client that gets them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openai } from '../llm/formats/openai.ts';
import { createReply, problem, type Reply } from '../pipeline/reply.ts';
import { sendReply } from './send-reply.ts';
import { exchangeOf, RecordedWriter } from './testing/exchanges.ts';

function send(method: string, reply: Reply, format?: typeof openai) {
  const writer = new RecordedWriter();
  const exchange = exchangeOf(`${method} /`, [], { writer });
  exchange.requestId = 'request-1';
  sendReply(exchange, reply, format, 'via-us');
  assert.ok(writer.isBegun && writer.isEnded);
  return { exchange, writer, lines: writer.head.lines };
}

test('a complete reply has its length in bytes', () => {
  const { writer, lines, exchange } = send('GET', createReply(200, [['x-own', '1']], 'é'));
  assert.equal(Buffer.from(writer.text, 'latin1').toString(), 'é');
  assert.match(lines, /^x-own: 1\r\ncontent-length: 2\r\ndate: .*\r\nvia: 1\.1 via-us\r\nx-request-id: request-1\r\n$/);
  assert.equal(exchange.responseBytes, 2);
});

test('HEAD has the length and no body; 204 and 304 have neither', () => {
  const head = send('HEAD', createReply(200, [], 'four'));
  assert.match(head.lines, /content-length: 4/);
  assert.equal(head.writer.framing, 'none');
  assert.equal(head.writer.text, '');
  for (const status of [204, 304]) assert.doesNotMatch(send('GET', createReply(status, [], undefined)).lines, /length/);
});

test('an error as RFC 9457, and as OpenAI writes it', () => {
  const plain = send('GET', problem('route.not-found', 'no route matches GET /'));
  assert.match(plain.lines, /content-type: application\/problem\+json\r\ncache-control: no-store\r\n/);
  assert.match(plain.lines, /proxy-status: switchyard; error=destination_not_found/);
  assert.equal(JSON.parse(plain.writer.text).detail, 'no route matches GET /');
  const ai = send('POST', problem('request.model-missing'), openai);
  assert.match(ai.lines, /content-type: application\/json\r\n/);
  assert.equal(JSON.parse(ai.writer.text).error.param, 'model');
  assert.equal(ai.exchange.errorCode, 'request.model-missing');
});

test('what an endpoint did wrong is in the log, not in the reply', () => {
  const { writer, exchange } = send('GET', problem('upstream.connect-failed', 'connect ECONNREFUSED 10.0.0.1:80'));
  assert.doesNotMatch(writer.text, /10\.0\.0\.1/);
  assert.equal(exchange.errorDetail, 'connect ECONNREFUSED 10.0.0.1:80');
});

test('503 says when to come back, 405 what is allowed', () => {
  assert.match(send('GET', problem('route.no-target')).lines, /retry-after: 1\r\n/);
  assert.match(send('TRACE', problem('request.method-not-allowed')).lines, /allow: GET, HEAD/);
});
