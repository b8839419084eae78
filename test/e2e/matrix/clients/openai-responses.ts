// npm `openai`: the Responses API.
import OpenAI from 'openai';
import type { Response, ResponseCreateParamsNonStreaming, ResponseInput } from 'openai/resources/responses/responses';
import { API_KEY, type Ask, CITY, type MatrixClient, type Reply, type Session, type Target } from '../session.ts';

function inputOf({ prompt, image, after }: Ask): ResponseInput {
  const image_url = `data:image/png;base64,${image?.toString('base64')}`;
  const content =
    image === undefined
      ? prompt
      : [
          { type: 'input_text' as const, text: prompt },
          { type: 'input_image' as const, detail: 'auto' as const, image_url },
        ];
  const input: ResponseInput = [{ role: 'user', content }];
  if (after === undefined) return input;
  input.push(...(after.reply.turn as ResponseInput));
  for (const [index, { id }] of after.reply.calls.entries())
    input.push({ type: 'function_call_output', call_id: id, output: after.results[index] });
  return input;
}

function paramsOf(ask: Ask): ResponseCreateParamsNonStreaming {
  const format = { type: 'json_schema' as const, name: 'city', strict: true, schema: CITY };
  return {
    model: ask.model,
    input: inputOf(ask),
    store: false,
    ...(ask.system !== undefined && { instructions: ask.system }),
    ...(ask.tools && {
      tools: ask.tools.map((name) => ({ type: 'function' as const, name, parameters: CITY, strict: true })),
    }),
    ...(ask.isShaped === true && { text: { format } }),
  };
}

function toReply({ output, output_text, usage, status }: Response, pieces: number): Reply {
  const calls = output.flatMap((item) =>
    item.type === 'function_call'
      ? [{ id: item.call_id, name: item.name, input: JSON.parse(item.arguments) as unknown }]
      : [],
  );
  return {
    text: output_text,
    pieces,
    calls,
    finish: status ?? '',
    input: usage?.input_tokens,
    output: usage?.output_tokens,
    turn: output,
  };
}

function open({ gatewayUrl, headers }: Target): Session {
  const client = new OpenAI({ apiKey: API_KEY, baseURL: `${gatewayUrl}/v1`, maxRetries: 0, defaultHeaders: headers });
  return {
    say: async (ask) => toReply(await client.responses.create(paramsOf(ask)), 0),
    async stream(ask) {
      const stream = client.responses.stream({ ...paramsOf(ask), stream: true });
      let pieces = 0;
      for await (const { type } of stream)
        if (type === 'response.output_text.delta' || type === 'response.function_call_arguments.delta') pieces++;
      return toReply(await stream.finalResponse(), pieces);
    },
    embed: undefined,
    async leave(ask) {
      const stream = await client.responses.create({ ...paramsOf(ask), stream: true });
      for await (const { type } of stream) if (type === 'response.output_text.delta') break;
      stream.controller.abort();
    },
  };
}

export const openaiResponses: MatrixClient = { name: 'openai responses', format: 'openai', open };
