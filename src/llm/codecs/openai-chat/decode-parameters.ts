// Everything a chat client wishes beside the conversation → canonical parameters. What says nothing (`n: 1`, an empty list, a
// penalty of 0) is not carried on: it would be reported as lost by wires that cannot say it.
import type { BodyReader } from '../../body-reader.ts';
import type { JsonObject } from '../../json-value.ts';
import type { ChatParameters, ReasoningWish, ResponseFormat } from '../../request.ts';
import { decodeTools } from './decode-tools.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;

export function decodeParameters(body: JsonObject, reader: BodyReader): ChatParameters {
  const wishes: Mutable<ChatParameters> = {
    maxOutputTokens: reader.count(body, 'max_completion_tokens') ?? reader.count(body, 'max_tokens'),
    ...sampling(body, reader),
    ...decodeTools(body, reader),
    responseFormat: responseFormat(body, reader),
    reasoning: reasoning(body, reader),
    user: reader.text(body, 'user') ?? reader.text(body, 'safety_identifier'),
    metadata: reader.textsByName(body, 'metadata'),
    serviceTier: reader.text(body, 'service_tier'),
    store: reader.flag(body, 'store'),
    verbosity: reader.text(body, 'verbosity'),
    modalities: reader.texts(body, 'modalities'),
    audioOutput: reader.object(body, 'audio'),
    prediction: reader.object(body, 'prediction'),
    webSearch: reader.object(body, 'web_search_options'),
    promptCacheKey: reader.text(body, 'prompt_cache_key'),
  };
  return withoutUndefined(wishes);
}

/** The members that are there. */
export function withoutUndefined<T extends object>(from: T): T {
  // hot: a pair of arrays for each of thirty members, most of them not there, was a twentieth of a translated request.
  const there: Partial<T> = {};
  for (const key of Object.keys(from) as (keyof T)[]) if (from[key] !== undefined) there[key] = from[key];
  return there as T;
}

function sampling(body: JsonObject, reader: BodyReader): ChatParameters {
  return {
    temperature: reader.number(body, 'temperature'),
    topP: reader.number(body, 'top_p'),
    topK: reader.number(body, 'top_k'),
    minP: reader.number(body, 'min_p'),
    frequencyPenalty: unless(0, reader.number(body, 'frequency_penalty')),
    presencePenalty: unless(0, reader.number(body, 'presence_penalty')),
    repetitionPenalty: unless(1, reader.number(body, 'repetition_penalty')),
    stop: decodeStop(body, reader),
    seed: reader.number(body, 'seed'),
    n: unless(1, reader.count(body, 'n')),
    logprobs: logprobs(body, reader),
    logitBias: filled(reader.numbersByName(body, 'logit_bias')),
  };
}

function unless(idle: number, value: number | undefined): number | undefined {
  return value === idle ? undefined : value;
}

function filled<T extends object>(value: T | undefined): T | undefined {
  return value !== undefined && Object.keys(value).length > 0 ? value : undefined;
}

/** One text or several. */
export function decodeStop(body: JsonObject, reader: BodyReader): readonly string[] | undefined {
  if (typeof body.stop === 'string') return [body.stop];
  return filled(reader.texts(body, 'stop'));
}

function logprobs(body: JsonObject, reader: BodyReader): ChatParameters['logprobs'] {
  const isWanted = reader.flag(body, 'logprobs');
  const top = reader.count(body, 'top_logprobs');
  return isWanted === true ? { top: top ?? 0 } : undefined;
}

function responseFormat(body: JsonObject, reader: BodyReader): ResponseFormat | undefined {
  const format = reader.object(body, 'response_format');
  if (format === undefined || format.type === 'text') return undefined;
  if (format.type === 'json_object') return { kind: 'json' };
  if (format.type !== 'json_schema')
    return reader.refuse('response_format.type', '"response_format.type" must be text, json_object or json_schema');
  const at = 'response_format.json_schema';
  const written = reader.object(format, 'json_schema', 'response_format') ?? {};
  return {
    kind: 'json-schema',
    name: reader.requiredText(written, 'name', at),
    schema: reader.object(written, 'schema', at) ?? {},
    strict: reader.flag(written, 'strict', at),
    description: reader.text(written, 'description', at),
  };
}

/** `reasoning_effort`, or OpenRouter's `reasoning`, which can say more. */
function reasoning(body: JsonObject, reader: BodyReader): ReasoningWish | undefined {
  const object = reader.object(body, 'reasoning') ?? {};
  const effort =
    effortOf(reader.text(body, 'reasoning_effort'), 'reasoning_effort', reader) ??
    effortOf(reader.text(object, 'effort', 'reasoning'), 'reasoning.effort', reader);
  const isEnabled = reader.flag(object, 'enabled', 'reasoning');
  const isHidden = reader.flag(object, 'exclude', 'reasoning');
  const wish: ReasoningWish = {
    effort: effort ?? (isEnabled === false ? 'none' : undefined),
    budgetTokens: reader.count(object, 'max_tokens', 'reasoning'),
    isAdaptive: isEnabled === true && effort === undefined ? true : undefined,
    summary: isHidden === true ? 'none' : undefined,
  };
  return filled(withoutUndefined(wish));
}

function effortOf(value: string | undefined, place: string, reader: BodyReader): ReasoningWish['effort'] {
  const effort = EFFORTS.find((each) => each === value);
  if (value !== undefined && effort === undefined)
    return reader.refuse(place, `"${place}" must be one of ${EFFORTS.join(', ')}`);
  return effort;
}
