// npm `@langchain/openai`.
import {
  AIMessage,
  AIMessageChunk,
  type BaseMessage,
  HumanMessage,
  SystemMessage,
  ToolMessage,
} from '@langchain/core/messages';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { API_KEY, type Ask, CITY, type MatrixClient, type Reply, type Session, type Target } from '../session.ts';

function messagesOf({ prompt, system, image, after }: Ask): BaseMessage[] {
  const url = `data:image/png;base64,${image?.toString('base64')}`;
  const content =
    image === undefined
      ? prompt
      : [
          { type: 'text' as const, text: prompt },
          { type: 'image_url' as const, image_url: { url } },
        ];
  const messages: BaseMessage[] = system === undefined ? [] : [new SystemMessage(system)];
  messages.push(new HumanMessage({ content }));
  if (after === undefined) return messages;
  messages.push(after.reply.turn as BaseMessage);
  for (const [index, { id }] of after.reply.calls.entries())
    messages.push(new ToolMessage({ tool_call_id: id, content: after.results[index] }));
  return messages;
}

function optionsOf({ tools, isShaped }: Ask) {
  const json_schema = { name: 'city', strict: true, schema: CITY };
  return {
    ...(tools && { tools: tools.map((name) => ({ type: 'function' as const, function: { name, parameters: CITY } })) }),
    ...(isShaped === true && { response_format: { type: 'json_schema' as const, json_schema } }),
  };
}

function toReply(message: AIMessage | AIMessageChunk, pieces: number): Reply {
  const { finish_reason } = message.response_metadata as { readonly finish_reason?: string };
  return {
    text: message.text,
    pieces,
    calls: (message.tool_calls ?? []).map(({ id = '', name, args }) => ({ id, name, input: args })),
    finish: finish_reason ?? '',
    input: message.usage_metadata?.input_tokens,
    output: message.usage_metadata?.output_tokens,
    turn:
      message instanceof AIMessageChunk
        ? new AIMessage({ content: message.content, tool_calls: message.tool_calls })
        : message,
  };
}

function open({ gatewayUrl, headers }: Target): Session {
  const configuration = { baseURL: `${gatewayUrl}/v1`, defaultHeaders: headers };
  const chat = (model: string): ChatOpenAI =>
    new ChatOpenAI({ apiKey: API_KEY, model, maxRetries: 0, configuration, useResponsesApi: false });
  return {
    say: async (ask) => toReply(await chat(ask.model).invoke(messagesOf(ask), optionsOf(ask)), 0),
    async stream(ask) {
      const chunks = await Array.fromAsync(await chat(ask.model).stream(messagesOf(ask), optionsOf(ask)));
      const pieces = chunks.filter(({ text, tool_call_chunks }) => text !== '' || (tool_call_chunks?.length ?? 0) > 0);
      return toReply(
        chunks.reduce((whole, chunk) => whole.concat(chunk)),
        pieces.length,
      );
    },
    embed(model, texts) {
      return new OpenAIEmbeddings({ apiKey: API_KEY, model, maxRetries: 0, configuration }).embedDocuments([...texts]);
    },
    async leave(ask) {
      const controller = new AbortController();
      const stream = await chat(ask.model).stream(messagesOf(ask), { signal: controller.signal });
      for await (const { text } of stream) if (text !== '') break;
      controller.abort();
    },
  };
}

export const langchainOpenai: MatrixClient = { name: '@langchain/openai', format: 'openai', open };
