// `generationConfig` of a client → parameters. Members that other wires have no words for are leftovers, named to the client.
import type { JsonObject, JsonValue } from '../../json-value.ts';
import type { ChatParameters, ReasoningWish, ResponseFormat } from '../../request.ts';
import { memberOf, otherMembers, type Reading } from './reading.ts';
import { schemaFromGemini } from './schema.ts';

const CONFIG_NAMES = [
  'temperature',
  'topP',
  'topK',
  'candidateCount',
  'maxOutputTokens',
  'stopSequences',
  'presencePenalty',
  'frequencyPenalty',
  'seed',
  'responseLogprobs',
  'logprobs',
  'responseMimeType',
  'responseSchema',
  'responseJsonSchema',
  'responseModalities',
  'thinkingConfig',
];

/** By our name; all are numbers. */
const NUMBERS = [
  ['temperature', 'temperature'],
  ['topP', 'topP'],
  ['topK', 'topK'],
  ['n', 'candidateCount'],
  ['maxOutputTokens', 'maxOutputTokens'],
  ['presencePenalty', 'presencePenalty'],
  ['frequencyPenalty', 'frequencyPenalty'],
  ['seed', 'seed'],
] as const;

const LEVELS: Readonly<Record<string, ReasoningWish['effort']>> = {
  MINIMAL: 'minimal',
  LOW: 'low',
  MEDIUM: 'medium',
  HIGH: 'high',
  XHIGH: 'xhigh',
};

function budgetWish(budget: number | undefined): ReasoningWish {
  if (budget === undefined) return {};
  if (budget < 0) return { isAdaptive: true };
  return budget === 0 ? { effort: 'none' } : { budgetTokens: budget };
}

function decodeThinking(value: JsonValue | undefined, reading: Reading): ReasoningWish | undefined {
  const param = 'generationConfig.thinkingConfig';
  const config = reading.object(value, param);
  if (config === undefined) return undefined;
  reading.leave(`${param}.`, otherMembers(config, ['includeThoughts', 'thinkingBudget', 'thinkingLevel']));
  const isShown = reading.boolean(memberOf(config, 'includeThoughts'), `${param}.includeThoughts`);
  const budget = reading.number(memberOf(config, 'thinkingBudget'), `${param}.thinkingBudget`);
  const level = reading.text(memberOf(config, 'thinkingLevel'), `${param}.thinkingLevel`)?.toUpperCase();
  const effort = level !== undefined && Object.hasOwn(LEVELS, level) ? LEVELS[level] : undefined;
  if (level !== undefined && effort === undefined && level !== 'THINKING_LEVEL_UNSPECIFIED')
    reading.fail(`${param}.thinkingLevel`, 'must be MINIMAL, LOW, MEDIUM, HIGH or XHIGH');
  return {
    ...budgetWish(budget),
    ...(effort === undefined ? {} : { effort }),
    ...(isShown === undefined ? {} : { summary: isShown ? 'auto' : 'none' }),
  };
}

function decodeResponseFormat(config: JsonObject, reading: Reading): ResponseFormat | undefined {
  const type = reading.text(memberOf(config, 'responseMimeType'), 'generationConfig.responseMimeType');
  const own = reading.object(memberOf(config, 'responseJsonSchema'), 'generationConfig.responseJsonSchema');
  const subset = reading.object(memberOf(config, 'responseSchema'), 'generationConfig.responseSchema');
  const schema = own ?? (subset === undefined ? undefined : schemaFromGemini(subset));
  if (type === 'application/json') {
    if (schema === undefined) return { kind: 'json' };
    return { kind: 'json-schema', name: 'response', schema, strict: undefined, description: undefined };
  }
  if (type === undefined || type === '') return undefined;
  if (type === 'text/plain') return { kind: 'text' };
  return reading.fail('generationConfig.responseMimeType', `${type} cannot be asked of a provider of another format`);
}

/** `logprobs` counts alternatives and acts only beside `responseLogprobs`. */
function decodeLogprobs(config: JsonObject, reading: Reading): ChatParameters['logprobs'] {
  const isAsked = reading.boolean(memberOf(config, 'responseLogprobs'), 'generationConfig.responseLogprobs');
  const top = reading.number(memberOf(config, 'logprobs'), 'generationConfig.logprobs');
  return isAsked === true ? { top: top ?? 0 } : undefined;
}

export function decodeConfig(value: JsonValue | undefined, reading: Reading): ChatParameters {
  const config = reading.object(value, 'generationConfig');
  if (config === undefined) return {};
  reading.leave('generationConfig.', otherMembers(config, CONFIG_NAMES));
  const numbers: Partial<Record<(typeof NUMBERS)[number][0], number>> = {};
  for (const [ours, theirs] of NUMBERS) {
    const number = reading.number(memberOf(config, theirs), `generationConfig.${theirs}`);
    if (number !== undefined) numbers[ours] = number;
  }
  const stop = reading.texts(memberOf(config, 'stopSequences'), 'generationConfig.stopSequences');
  const modalities = reading.texts(memberOf(config, 'responseModalities'), 'generationConfig.responseModalities');
  const responseFormat = decodeResponseFormat(config, reading);
  const reasoning = decodeThinking(memberOf(config, 'thinkingConfig'), reading);
  const logprobs = decodeLogprobs(config, reading);
  return {
    ...numbers,
    ...(stop === undefined || stop.length === 0 ? {} : { stop }),
    ...(modalities === undefined || modalities.length === 0
      ? {}
      : { modalities: modalities.map((each) => each.toLowerCase()) }),
    ...(responseFormat === undefined ? {} : { responseFormat }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(logprobs === undefined ? {} : { logprobs }),
  };
}
