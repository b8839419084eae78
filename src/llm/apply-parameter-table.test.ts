// What is dropped goes and is named, what is refused refuses, and what is mapped stays as it was.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyParameterTable, type TableTarget } from './apply-parameter-table.ts';
import type { ChatField, ParameterTable, Treatment } from './parameter-table.ts';
import type { ChatRequest } from './request.ts';

const FIELDS: readonly ChatField[] = [
  ...(['maxOutputTokens', 'seed', 'n', 'tools', 'logitBias', 'stop'] as const),
  ...(['systemMessage', 'laterSystemMessage', 'messageName', 'imageUrl', 'imageBase64', 'imageDetail'] as const),
  ...(['cacheMark', 'providerTool', 'toolResultImage', 'toolError', 'reasoningText', 'reasoningSignature'] as const),
  ...(['redactedReasoning', 'refusalText', 'citations', 'assistantPrefill', 'audioInput', 'storedFile'] as const),
];

function targetWith(treatments: Partial<Record<ChatField, Treatment>>): TableTarget {
  const parameters = Object.fromEntries(FIELDS.map((field) => [field, { treatment: treatments[field] ?? 'mapped' }]));
  return { wire: 'gemini', parameters: parameters as unknown as ParameterTable };
}

const BASE: ChatRequest = {
  operation: 'chat',
  wire: 'openai-chat',
  model: 'm',
  stream: false,
  messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
  parameters: {},
  wantsStreamUsage: false,
  rest: {},
};

function fit(request: Partial<ChatRequest>, treatments: Partial<Record<ChatField, Treatment>>) {
  const outcome = applyParameterTable({ ...BASE, ...request }, targetWith(treatments), 'lenient');
  assert.equal(outcome.kind, 'fits');
  return outcome.kind === 'fits' ? outcome : assert.fail();
}

test('a request that the target can be told is left as it is', () => {
  const request = { ...BASE, parameters: { seed: 1, stop: ['x'] } };
  const outcome = applyParameterTable(request, targetWith({}), 'strict');
  assert.deepEqual(outcome, { kind: 'fits', request, dropped: [] });
});

test('a dropped parameter goes and is named; the others stay', () => {
  const { request, dropped } = fit({ parameters: { seed: 1, stop: ['x'] } }, { seed: 'dropped', n: 'dropped' });
  assert.deepEqual(request.parameters, { stop: ['x'] });
  assert.deepEqual(dropped, ['seed']);
});

test('strict mode refuses what would be dropped, and refused is refused in both', () => {
  const request = { ...BASE, parameters: { seed: 1, n: 2 } };
  assert.deepEqual(applyParameterTable(request, targetWith({ seed: 'dropped' }), 'strict'), {
    kind: 'refused',
    field: 'seed',
  });
  assert.deepEqual(applyParameterTable(request, targetWith({ n: 'refused' }), 'lenient'), {
    kind: 'refused',
    field: 'n',
  });
});

test('attributes go from the parts that have them, and the parts stay', () => {
  const messages: ChatRequest['messages'] = [
    { role: 'system', content: [{ type: 'text', text: 's', cache: { ttl: '5m' } }] },
    {
      role: 'user',
      name: 'ada',
      content: [{ type: 'image', source: { kind: 'url', url: 'https://x/y.png' }, detail: 'low' }],
    },
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'hm', signature: 'sig' },
        { type: 'text', text: 't', citations: [{}] },
        { type: 'tool-call', id: 'c', name: 'f', arguments: '{}', cache: { ttl: undefined } },
      ],
    },
    {
      role: 'user',
      content: [
        {
          type: 'tool-result',
          callId: 'c',
          name: 'f',
          isError: true,
          content: [
            { type: 'text', text: 'r' },
            { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: '' }, cache: { ttl: '1h' } },
          ],
        },
      ],
    },
  ];
  const all = ['cacheMark', 'messageName', 'imageDetail', 'citations', 'reasoningSignature', 'toolError'] as const;
  const treatments = Object.fromEntries(
    [...all, 'toolResultImage' as const].map((field) => [field, 'dropped' as const]),
  );
  const { request, dropped } = fit({ messages }, treatments);
  assert.deepEqual(request.messages, [
    { role: 'system', content: [{ type: 'text', text: 's' }] },
    { role: 'user', content: [{ type: 'image', source: { kind: 'url', url: 'https://x/y.png' } }] },
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'hm' },
        { type: 'text', text: 't' },
        { type: 'tool-call', id: 'c', name: 'f', arguments: '{}' },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool-result', callId: 'c', name: 'f', isError: false, content: [{ type: 'text', text: 'r' }] },
      ],
    },
  ]);
  assert.deepEqual(new Set(dropped), new Set([...all, 'toolResultImage']));
});

test('parts go with their own field, and a message of which nothing is left', () => {
  const messages: ChatRequest['messages'] = [
    { role: 'user', content: [{ type: 'audio', source: { kind: 'base64', mediaType: 'audio/wav', data: '' } }] },
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: '', redacted: 'x' },
        { type: 'reasoning', text: 'seen' },
        { type: 'refusal', text: 'no' },
      ],
    },
    { role: 'user', content: [{ type: 'text', text: 'hi' }] },
  ];
  const { request } = fit(
    { messages },
    { audioInput: 'dropped', redactedReasoning: 'dropped', refusalText: 'dropped' },
  );
  assert.deepEqual(request.messages, [
    { role: 'assistant', content: [{ type: 'reasoning', text: 'seen' }] },
    { role: 'user', content: [{ type: 'text', text: 'hi' }] },
  ]);
});

test('a provider’s own tool is foreign to every other wire', () => {
  const tools = [
    { kind: 'provider', wire: 'gemini', raw: { googleSearch: {} } },
    { kind: 'provider', wire: 'anthropic-messages', raw: { type: 'web_search' } },
  ] as const;
  const { request, dropped } = fit({ parameters: { tools } }, { providerTool: 'dropped' });
  assert.deepEqual(request.parameters.tools, [tools[0]]);
  assert.deepEqual(dropped, ['providerTool']);
  assert.deepEqual(fit({ parameters: { tools: [tools[0]] } }, { providerTool: 'dropped' }).dropped, []);
});

test('a system message is a later one behind any other', () => {
  const system = { role: 'system', content: [{ type: 'text', text: 's' }] } as const;
  const target = targetWith({ laterSystemMessage: 'refused' });
  const leading = { ...BASE, messages: [system, system, ...BASE.messages] };
  assert.equal(applyParameterTable(leading, target, 'lenient').kind, 'fits');
  const later = { ...BASE, messages: [...BASE.messages, system] };
  assert.deepEqual(applyParameterTable(later, target, 'lenient'), { kind: 'refused', field: 'laterSystemMessage' });
});

test('an answer begun by the client is a prefill', () => {
  const messages: ChatRequest['messages'] = [
    ...BASE.messages,
    { role: 'assistant', content: [{ type: 'text', text: '{' }] },
  ];
  const refused = applyParameterTable({ ...BASE, messages }, targetWith({ assistantPrefill: 'refused' }), 'lenient');
  assert.deepEqual(refused, { kind: 'refused', field: 'assistantPrefill' });
  assert.deepEqual(fit({ messages }, { assistantPrefill: 'dropped' }).request.messages, BASE.messages);
});

test('what hangs on values is dropped or refused by the target itself, behind the table', () => {
  const settle: TableTarget['settle'] = (request) => {
    if (request.parameters.n === 2) return { kind: 'refused', field: 'n' };
    const { stop, ...parameters } = request.parameters;
    return { kind: 'fits', request: { ...request, parameters }, dropped: stop === undefined ? [] : ['stop', 'seed'] };
  };
  const target = { ...targetWith({ seed: 'dropped' }), settle };
  const request = { ...BASE, parameters: { stop: ['x'], seed: 1, n: 1 } };
  assert.deepEqual(applyParameterTable(request, target, 'lenient'), {
    kind: 'fits',
    request: { ...BASE, parameters: { n: 1 } },
    dropped: ['seed', 'stop'],
  });
  const stopOnly = { ...BASE, parameters: { stop: ['x'] } };
  assert.deepEqual(applyParameterTable(stopOnly, target, 'strict'), { kind: 'refused', field: 'stop' });
  assert.deepEqual(applyParameterTable({ ...BASE, parameters: { n: 2 } }, target, 'lenient'), {
    kind: 'refused',
    field: 'n',
  });
});
