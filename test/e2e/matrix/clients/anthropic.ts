// npm `@anthropic-ai/sdk`.
import Anthropic from '@anthropic-ai/sdk';
import type { Message, MessageCreateParamsNonStreaming, MessageParam } from '@anthropic-ai/sdk/resources/messages';
import { API_KEY, type Ask, CITY, type MatrixClient, type Reply, type Session, type Target } from '../session.ts';

const MAX_TOKENS = 1000;

function messagesOf({ prompt, image, after }: Ask): MessageParam[] {
  const data = image?.toString('base64') ?? '';
  const content: MessageParam['content'] =
    image === undefined
      ? prompt
      : [
          { type: 'text', text: prompt },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data } },
        ];
  const messages: MessageParam[] = [{ role: 'user', content }];
  if (after === undefined) return messages;
  const results = after.reply.calls.map(({ id }, index) => {
    return { type: 'tool_result' as const, tool_use_id: id, content: after.results[index] };
  });
  messages.push({ role: 'assistant', content: after.reply.turn as MessageParam['content'] });
  messages.push({ role: 'user', content: results });
  return messages;
}

function paramsOf(ask: Ask): MessageCreateParamsNonStreaming {
  const format = { type: 'json_schema' as const, schema: CITY as unknown as Record<string, unknown> };
  return {
    model: ask.model,
    max_tokens: MAX_TOKENS,
    messages: messagesOf(ask),
    ...(ask.system !== undefined && { system: ask.system }),
    ...(ask.tools && { tools: ask.tools.map((name) => ({ name, input_schema: { ...CITY, required: ['city'] } })) }),
    ...(ask.isShaped === true && { output_config: { format } }),
  };
}

function toReply({ content, usage, stop_reason }: Message, pieces: number): Reply {
  return {
    text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
    pieces,
    calls: content.flatMap((block) =>
      block.type === 'tool_use' ? [{ id: block.id, name: block.name, input: block.input }] : [],
    ),
    finish: stop_reason ?? '',
    input: usage.input_tokens,
    output: usage.output_tokens,
    turn: content,
  };
}

function open({ gatewayUrl, headers }: Target): Session {
  const client = new Anthropic({ apiKey: API_KEY, baseURL: gatewayUrl, maxRetries: 0, defaultHeaders: headers });
  return {
    say: async (ask) => toReply(await client.messages.create(paramsOf(ask)), 0),
    async stream(ask) {
      const stream = client.messages.stream(paramsOf(ask));
      let pieces = 0;
      for await (const { type } of stream) if (type === 'content_block_delta') pieces++;
      return toReply(await stream.finalMessage(), pieces);
    },
    embed: undefined,
    async leave(ask) {
      const stream = await client.messages.create({ ...paramsOf(ask), stream: true });
      for await (const { type } of stream) if (type === 'content_block_delta') break;
      stream.controller.abort();
    },
  };
}

export const anthropicMessages: MatrixClient = { name: '@anthropic-ai/sdk', format: 'anthropic', open };
