// npm `openai`: chat completions.
import OpenAI from 'openai';
import type {
  ChatCompletion,
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions';
import { API_KEY, type Ask, CITY, type MatrixClient, type Reply, type Session, type Target } from '../session.ts';

function messagesOf({ prompt, system, image, after }: Ask): ChatCompletionMessageParam[] {
  const url = `data:image/png;base64,${image?.toString('base64')}`;
  const content =
    image === undefined
      ? prompt
      : [
          { type: 'text' as const, text: prompt },
          { type: 'image_url' as const, image_url: { url } },
        ];
  const messages: ChatCompletionMessageParam[] = [{ role: 'user', content }];
  if (system !== undefined) messages.unshift({ role: 'system', content: system });
  if (after === undefined) return messages;
  messages.push(after.reply.turn as ChatCompletionMessageParam);
  for (const [index, { id }] of after.reply.calls.entries())
    messages.push({ role: 'tool', tool_call_id: id, content: after.results[index] });
  return messages;
}

function paramsOf(ask: Ask): ChatCompletionCreateParamsNonStreaming {
  const json_schema = { name: 'city', strict: true, schema: CITY };
  return {
    model: ask.model,
    messages: messagesOf(ask),
    ...(ask.tools && {
      tools: ask.tools.map((name) => ({ type: 'function', function: { name, parameters: CITY } })),
    }),
    ...(ask.isShaped === true && { response_format: { type: 'json_schema', json_schema } }),
  };
}

function toReply({ choices: [choice], usage }: ChatCompletion, pieces: number): Reply {
  const calls = (choice.message.tool_calls ?? []).flatMap((call) =>
    call.type === 'function'
      ? [{ id: call.id, name: call.function.name, input: JSON.parse(call.function.arguments) as unknown }]
      : [],
  );
  return {
    text: choice.message.content ?? '',
    pieces,
    calls,
    finish: choice.finish_reason,
    input: usage?.prompt_tokens,
    output: usage?.completion_tokens,
    turn: choice.message,
  };
}

function open({ gatewayUrl, headers }: Target): Session {
  const client = new OpenAI({ apiKey: API_KEY, baseURL: `${gatewayUrl}/v1`, maxRetries: 0, defaultHeaders: headers });
  return {
    say: async (ask) => toReply(await client.chat.completions.create(paramsOf(ask)), 0),
    async stream(ask) {
      const stream = client.chat.completions.stream({
        ...paramsOf(ask),
        stream: true,
        stream_options: { include_usage: true },
      });
      let pieces = 0;
      for await (const { choices } of stream) if (choices[0]?.delta.content || choices[0]?.delta.tool_calls) pieces++;
      return toReply(await stream.finalChatCompletion(), pieces);
    },
    async embed(model, texts) {
      const { data } = await client.embeddings.create({ model, input: [...texts] });
      return data.map(({ embedding }) => embedding);
    },
    async leave(ask) {
      const stream = await client.chat.completions.create({ ...paramsOf(ask), stream: true });
      for await (const { choices } of stream) if (choices[0]?.delta.content) break;
      stream.controller.abort();
    },
  };
}

export const openaiChat: MatrixClient = { name: 'openai', format: 'openai', open };
