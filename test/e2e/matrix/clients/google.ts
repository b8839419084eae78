// npm `@google/genai`.
import {
  type Content,
  type GenerateContentParameters,
  type GenerateContentResponse,
  GoogleGenAI,
  type Part,
} from '@google/genai';
import { API_KEY, type Ask, CITY, type MatrixClient, type Reply, type Session, type Target } from '../session.ts';

function contentsOf({ prompt, image, after }: Ask): Content[] {
  const parts: Part[] = [{ text: prompt }];
  if (image !== undefined) parts.push({ inlineData: { mimeType: 'image/png', data: image.toString('base64') } });
  const contents: Content[] = [{ role: 'user', parts }];
  if (after === undefined) return contents;
  contents.push({ role: 'model', parts: after.reply.turn as Part[] });
  const results = after.reply.calls.map(({ id, name }, index) => {
    const response = { output: after.results[index] };
    return { functionResponse: { ...(id !== '' && { id }), name, response } };
  });
  contents.push({ role: 'user', parts: results });
  return contents;
}

function paramsOf(ask: Ask): GenerateContentParameters {
  return {
    model: ask.model,
    contents: contentsOf(ask),
    config: {
      ...(ask.system !== undefined && { systemInstruction: ask.system }),
      ...(ask.tools && {
        tools: [{ functionDeclarations: ask.tools.map((name) => ({ name, parametersJsonSchema: CITY })) }],
      }),
      ...(ask.isShaped === true && { responseMimeType: 'application/json', responseJsonSchema: CITY }),
    },
  };
}

function toReply(responses: readonly GenerateContentResponse[]): Reply {
  const parts = responses.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? []);
  const { usageMetadata: usage, candidates } = responses[responses.length - 1];
  return {
    text: parts.map(({ text }) => text ?? '').join(''),
    pieces: parts.filter(({ text, functionCall }) => text || functionCall).length,
    calls: parts.flatMap(({ functionCall }) => {
      return functionCall === undefined
        ? []
        : [{ id: functionCall.id ?? '', name: functionCall.name ?? '', input: functionCall.args }];
    }),
    finish: candidates?.[0]?.finishReason ?? '',
    input: usage?.promptTokenCount,
    output: (usage?.candidatesTokenCount ?? 0) + (usage?.thoughtsTokenCount ?? 0),
    turn: parts.filter(({ text }) => text !== ''),
  };
}

function open({ gatewayUrl, headers }: Target): Session {
  const client = new GoogleGenAI({
    apiKey: API_KEY,
    apiVersion: 'v1beta',
    httpOptions: { baseUrl: gatewayUrl, headers, retryOptions: { attempts: 1 } },
  });
  return {
    say: async (ask) => toReply([await client.models.generateContent(paramsOf(ask))]),
    async stream(ask) {
      return toReply(await Array.fromAsync(await client.models.generateContentStream(paramsOf(ask))));
    },
    async embed(model, texts) {
      const { embeddings } = await client.models.embedContent({ model, contents: [...texts] });
      return (embeddings ?? []).map(({ values }) => values ?? []);
    },
    async leave(ask) {
      const { signal, abort } = abortable();
      const params = paramsOf(ask);
      const config = { ...params.config, abortSignal: signal };
      for await (const { text } of await client.models.generateContentStream({ ...params, config })) if (text) break;
      abort();
    },
  };
}

function abortable(): { readonly signal: AbortSignal; abort(): void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

export const googleGenai: MatrixClient = { name: '@google/genai', format: 'gemini', open };
