// npm `ai` with its providers for OpenAI (both APIs), Anthropic and Google.
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogle } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import {
  type EmbeddingModel,
  embedMany,
  generateText,
  jsonSchema,
  type LanguageModel,
  type ModelMessage,
  Output,
  streamText,
  tool,
} from 'ai';
import { API_KEY, type Ask, CITY, type MatrixClient, type Reply, type Session, type Target } from '../session.ts';

interface Models {
  language(id: string): LanguageModel;
  readonly embedding: ((id: string) => EmbeddingModel) | undefined;
}

function messagesOf({ prompt, image, after }: Ask): ModelMessage[] {
  const content =
    image === undefined
      ? prompt
      : [
          { type: 'text' as const, text: prompt },
          { type: 'file' as const, data: image, mediaType: 'image/png' },
        ];
  const messages: ModelMessage[] = [{ role: 'user', content }];
  if (after === undefined) return messages;
  messages.push(...(after.reply.turn as ModelMessage[]));
  const results = after.reply.calls.map(({ id, name }, index) => {
    const output = { type: 'text' as const, value: after.results[index] };
    return { type: 'tool-result' as const, toolCallId: id, toolName: name, output };
  });
  messages.push({ role: 'tool', content: results });
  return messages;
}

function optionsOf(models: Models, ask: Ask) {
  const schema = jsonSchema<{ city: string }>({ ...CITY, required: ['city'] });
  return {
    model: models.language(ask.model),
    messages: messagesOf(ask),
    maxRetries: 0,
    // Nothing is stored: turns are sent back whole, not by the ids of one provider's store.
    providerOptions: { openai: { store: false } },
    ...(ask.system !== undefined && { instructions: ask.system }),
    ...(ask.tools && { tools: Object.fromEntries(ask.tools.map((name) => [name, tool({ inputSchema: schema })])) }),
    ...(ask.isShaped === true && { output: Output.object({ schema }) }),
  };
}

interface Told {
  readonly text: string;
  readonly toolCalls: readonly { readonly toolCallId: string; readonly toolName: string; readonly input: unknown }[];
  readonly finishReason: string;
  readonly usage: { readonly inputTokens: number | undefined; readonly outputTokens: number | undefined };
  readonly responseMessages: readonly unknown[];
}

function toReply({ text, toolCalls, finishReason, usage, responseMessages }: Told, pieces: number): Reply {
  return {
    text,
    pieces,
    calls: toolCalls.map(({ toolCallId, toolName, input }) => ({ id: toolCallId, name: toolName, input })),
    finish: finishReason,
    input: usage.inputTokens,
    output: usage.outputTokens,
    turn: responseMessages,
  };
}

async function streamReply(models: Models, ask: Ask): Promise<Reply> {
  const failures: unknown[] = [];
  const result = streamText({ ...optionsOf(models, ask), onError: ({ error }) => void failures.push(error) });
  let pieces = 0;
  for await (const { type } of result.fullStream)
    if (type === 'text-delta' || type === 'tool-input-delta' || type === 'tool-call') pieces++;
  if (failures.length > 0) throw failures[0];
  const told = {
    text: await result.text,
    toolCalls: await result.toolCalls,
    finishReason: await result.finishReason,
    usage: await result.usage,
    responseMessages: await result.responseMessages,
  };
  return toReply(told, pieces);
}

function sessionOf(models: Models): Session {
  const { embedding } = models;
  return {
    say: async (ask) => toReply(await generateText(optionsOf(models, ask)), 0),
    stream: (ask) => streamReply(models, ask),
    embed:
      embedding === undefined
        ? undefined
        : async (model, texts) => {
            const { embeddings } = await embedMany({ model: embedding(model), values: [...texts], maxRetries: 0 });
            return embeddings;
          },
    async leave(ask) {
      const controller = new AbortController();
      const result = streamText({ ...optionsOf(models, ask), abortSignal: controller.signal, onError: () => {} });
      for await (const { type } of result.fullStream) if (type === 'text-delta') break;
      controller.abort();
    },
  };
}

export const aiOpenai: MatrixClient = {
  name: 'ai, openai chat',
  format: 'openai',
  open({ gatewayUrl, headers }: Target) {
    const provider = createOpenAI({ apiKey: API_KEY, baseURL: `${gatewayUrl}/v1`, headers });
    return sessionOf({ language: (id) => provider.chat(id), embedding: (id) => provider.embedding(id) });
  },
};

export const aiOpenaiResponses: MatrixClient = {
  name: 'ai, openai responses',
  format: 'openai',
  open({ gatewayUrl, headers }: Target) {
    const provider = createOpenAI({ apiKey: API_KEY, baseURL: `${gatewayUrl}/v1`, headers });
    return sessionOf({ language: (id) => provider.responses(id), embedding: undefined });
  },
};

export const aiAnthropic: MatrixClient = {
  name: 'ai, anthropic',
  format: 'anthropic',
  open({ gatewayUrl, headers }: Target) {
    const provider = createAnthropic({ apiKey: API_KEY, baseURL: `${gatewayUrl}/v1`, headers });
    return sessionOf({ language: (id) => provider(id), embedding: undefined });
  },
};

export const aiGoogle: MatrixClient = {
  name: 'ai, google',
  format: 'gemini',
  open({ gatewayUrl, headers }: Target) {
    const provider = createGoogle({ apiKey: API_KEY, baseURL: `${gatewayUrl}/v1beta`, headers });
    return sessionOf({ language: (id) => provider(id), embedding: (id) => provider.embedding(id) });
  },
};
