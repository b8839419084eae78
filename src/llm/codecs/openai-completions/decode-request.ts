// A request of the completions of old as clients write it → a conversation of one user message.
import { BodyReader } from '../../body-reader.ts';
import type { Decoded } from '../../codec.ts';
import type { JsonObject } from '../../json-value.ts';
import type { ChatParameters, ChatRequest } from '../../request.ts';

const KNOWN: ReadonlySet<string> = new Set([
  'model',
  'prompt',
  'stream',
  'stream_options',
  'suffix',
  'echo',
  'best_of',
  'logprobs',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'min_p',
  'frequency_penalty',
  'presence_penalty',
  'repetition_penalty',
  'stop',
  'seed',
  'n',
  'logit_bias',
  'user',
]);

/** What OpenAI takes where none is given. */
const DEFAULT_MAX_TOKENS = 16;

export function decodeRequest(body: JsonObject): Decoded<ChatRequest> {
  const reader = new BodyReader();
  const streamOptions = reader.object(body, 'stream_options') ?? {};
  const rest = Object.entries(body).filter(([key, value]) => !KNOWN.has(key) && value !== null);
  const request: ChatRequest = {
    operation: 'chat',
    wire: 'openai-completions',
    model: reader.requiredText(body, 'model'),
    stream: reader.flag(body, 'stream') ?? false,
    messages: [{ role: 'user', content: [{ type: 'text', text: promptOf(body, reader) }] }],
    parameters: decodeParameters(body, reader),
    wantsStreamUsage: reader.flag(streamOptions, 'include_usage', 'stream_options') ?? false,
    rest: Object.fromEntries(rest),
  };
  return reader.problem ?? { ok: true, value: request };
}

/** One text. Several would be several conversations, and tokens mean something to one model only. */
function promptOf(body: JsonObject, reader: BodyReader): string {
  const { prompt } = body;
  const only = Array.isArray(prompt) && prompt.length === 1 ? prompt[0] : prompt;
  if (typeof only === 'string' && only !== '') return only;
  if (Array.isArray(prompt) && prompt.length > 1 && prompt.every((item) => typeof item === 'string'))
    reader.refuse(
      'prompt',
      `"prompt" holds ${prompt.length} texts: this model answers one at a time, ask once for each`,
    );
  else if (Array.isArray(only) || typeof only === 'number')
    reader.refuse('prompt', '"prompt" is given as tokens, which this model does not share: give the text');
  else reader.refuse('prompt', '"prompt" must be a text that is not empty');
  return '';
}

function decodeParameters(body: JsonObject, reader: BodyReader): ChatParameters {
  const top = reader.count(body, 'logprobs');
  const stop = typeof body.stop === 'string' ? [body.stop] : reader.texts(body, 'stop');
  const bias = reader.numbersByName(body, 'logit_bias');
  const suffix = reader.text(body, 'suffix');
  const wishes: ChatParameters = {
    maxOutputTokens: reader.count(body, 'max_tokens') ?? DEFAULT_MAX_TOKENS,
    temperature: reader.number(body, 'temperature'),
    topP: reader.number(body, 'top_p'),
    topK: reader.number(body, 'top_k'),
    minP: reader.number(body, 'min_p'),
    frequencyPenalty: unless(0, reader.number(body, 'frequency_penalty')),
    presencePenalty: unless(0, reader.number(body, 'presence_penalty')),
    repetitionPenalty: unless(1, reader.number(body, 'repetition_penalty')),
    stop: stop !== undefined && stop.length > 0 ? stop : undefined,
    seed: reader.number(body, 'seed'),
    n: unless(1, reader.count(body, 'n')),
    // 0 = those of the tokens chosen, none beside them.
    logprobs: top === undefined ? undefined : { top },
    logitBias: bias !== undefined && Object.keys(bias).length > 0 ? bias : undefined,
    user: reader.text(body, 'user'),
    suffix: suffix === '' ? undefined : suffix,
    echo: reader.flag(body, 'echo') === true ? true : undefined,
    bestOf: unless(1, reader.count(body, 'best_of')),
  };
  return Object.fromEntries(Object.entries(wishes).filter(([, value]) => value !== undefined));
}

/** What says nothing is not carried on: other wires would report it as lost. */
function unless(idle: number, value: number | undefined): number | undefined {
  return value === idle ? undefined : value;
}
