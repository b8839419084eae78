// Every part of a conversation counts: texts as text, the rest by the constants.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeConversation } from './codecs/anthropic-messages/decode-request.ts';
import { countedTokens, countParts, FILE_TOKENS, IMAGE_TOKENS, LOW_DETAIL_IMAGE_TOKENS } from './count-request.ts';
import type { Message } from './message.ts';
import type { ChatParameters, ChatRequest } from './request.ts';

function request(messages: readonly Message[], parameters: ChatParameters = {}): ChatRequest {
  const rest = { wire: 'anthropic-messages', model: 'm', stream: false, wantsStreamUsage: true, rest: {} } as const;
  return { operation: 'count-tokens', messages, parameters, ...rest };
}

const data = { kind: 'base64', mediaType: 'x/y', data: 'AAAA'.repeat(1000) } as const;

test('texts of all kinds of parts are there once, and nothing of what is no text', () => {
  const parts = countParts(
    request([
      { role: 'system', content: [{ type: 'text', text: 'one' }] },
      {
        role: 'user',
        content: [
          { type: 'tool-result', callId: 'c', name: 'n', isError: false, content: [{ type: 'text', text: 'two' }] },
          { type: 'file', source: { kind: 'text', text: 'three' } },
          { type: 'image', source: data },
          { type: 'image', source: data, detail: 'low' },
          { type: 'file', source: data },
          { type: 'audio', source: data },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'four' },
          { type: 'refusal', text: 'five' },
          { type: 'tool-call', id: 'c', name: 'six', arguments: '{"seven":7}' },
        ],
      },
    ]),
  );
  assert.equal(parts.text, 'one\ntwo\nthree\nfour\nfive\nsix\n{"seven":7}');
  assert.equal(parts.mediaTokens, IMAGE_TOKENS + LOW_DETAIL_IMAGE_TOKENS + 2 * FILE_TOKENS);
  assert.equal(countedTokens(parts, 20), 20 + 3 * 3 + 3 + parts.mediaTokens);
});

test('tools and the form of the answer are read by the model too', () => {
  const schema = { type: 'object' };
  const tools = [
    { kind: 'function', name: 'f', description: 'does', parameters: schema },
    { kind: 'provider', wire: 'anthropic-messages', raw: { type: 'web_search' } },
  ] as const;
  const responseFormat = { kind: 'json-schema', name: 's', schema, strict: true, description: undefined } as const;
  const { text } = countParts(request([], { tools, responseFormat }));
  assert.equal(text, 'f\ndoes\n{"type":"object"}\n{"type":"web_search"}\n{"type":"object"}');
});

test('of a long text the beginning stands for all of it', () => {
  const parts = countParts(request([{ role: 'user', content: [{ type: 'text', text: 'x'.repeat(1_048_576) }] }]));
  assert.equal(parts.text.length, 262_144);
  assert.equal(countedTokens(parts, 1000), 4000 + 3 + 3);
});

test('nothing at all is nothing', () => {
  assert.equal(countedTokens(countParts(request([])), 0), 0);
});

test('a request as a client writes it', () => {
  const decoded = decodeConversation({ model: 'm', messages: [{ role: 'user', content: 'hi' }] }, 'count-tokens');
  assert.ok(decoded.ok);
  assert.equal(countParts(decoded.value).text, 'hi');
});
