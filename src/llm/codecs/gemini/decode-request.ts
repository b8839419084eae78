// A client's `generateContent` or `countTokens` body → the canonical request. Model and stream wish stand in the address.
import type { Decoded, RequestAddress } from '../../codec.ts';
import type { JsonObject, JsonValue } from '../../json-value.ts';
import { isJsonObject } from '../../json-value.ts';
import type { FieldNames } from '../../parameter-table.ts';
import type { ChatParameters, ChatRequest, Tool } from '../../request.ts';
import { decodeConfig } from './decode-config.ts';
import { decodeContents, decodeSystem } from './decode-contents.ts';
import { decodeToolConfig, decodeTools, type ToolUse } from './decode-tools.ts';
import { exceedsDepth, memberOf, otherMembers, Reading } from './reading.ts';

const BODY_NAMES = [
  'model',
  'contents',
  'systemInstruction',
  'tools',
  'toolConfig',
  'generationConfig',
  'safetySettings',
  'cachedContent',
  'labels',
  'serviceTier',
  'store',
];

/** What Google's API calls the fields, for signals and errors. */
export const GEMINI_FIELD_NAMES: FieldNames = {
  maxOutputTokens: 'generationConfig.maxOutputTokens',
  temperature: 'generationConfig.temperature',
  topP: 'generationConfig.topP',
  topK: 'generationConfig.topK',
  frequencyPenalty: 'generationConfig.frequencyPenalty',
  presencePenalty: 'generationConfig.presencePenalty',
  stop: 'generationConfig.stopSequences',
  seed: 'generationConfig.seed',
  n: 'generationConfig.candidateCount',
  logprobs: 'generationConfig.responseLogprobs',
  tools: 'tools',
  toolChoice: 'toolConfig.functionCallingConfig',
  responseFormat: 'generationConfig.responseMimeType',
  reasoning: 'generationConfig.thinkingConfig',
  metadata: 'labels',
  serviceTier: 'serviceTier',
  store: 'store',
  modalities: 'generationConfig.responseModalities',
  safetySettings: 'safetySettings',
  cachedContent: 'cachedContent',
  systemMessage: 'systemInstruction',
  imageBase64: 'contents[].parts[].inlineData',
  imageUrl: 'contents[].parts[].fileData',
  imageDetail: 'contents[].parts[].mediaResolution',
  fileBase64: 'contents[].parts[].inlineData',
  fileUrl: 'contents[].parts[].fileData',
  storedFile: 'contents[].parts[].fileData',
  audioInput: 'contents[].parts[].inlineData',
  toolResultImage: 'contents[].parts[].functionResponse.parts',
  toolResultFile: 'contents[].parts[].functionResponse.parts',
  toolError: 'contents[].parts[].functionResponse.response.error',
  reasoningText: 'contents[].parts[].thought',
  reasoningSignature: 'contents[].parts[].thoughtSignature',
  redactedReasoning: 'contents[].parts[].thoughtSignature',
  providerTool: 'tools[]',
  assistantPrefill: 'contents',
};

function allowedTools(tools: readonly Tool[] | undefined, { allowed }: ToolUse): readonly Tool[] | undefined {
  return allowed === undefined
    ? tools
    : tools?.filter((tool) => tool.kind !== 'function' || allowed.includes(tool.name));
}

/** Labels are texts by name. */
function decodeLabels(value: JsonValue | undefined, reading: Reading): Readonly<Record<string, string>> | undefined {
  const labels = reading.object(value, 'labels');
  if (labels === undefined) return undefined;
  const entries = Object.entries(labels).map(
    ([name, text]) => [name, reading.text(text, `labels.${name}`) ?? ''] as const,
  );
  return Object.fromEntries(entries);
}

function decodeParameters(body: JsonObject, reading: Reading): ChatParameters {
  const use = decodeToolConfig(memberOf(body, 'toolConfig'), reading);
  const tools = allowedTools(decodeTools(memberOf(body, 'tools'), reading), use);
  const safetySettings = reading.list(memberOf(body, 'safetySettings'), 'safetySettings');
  const cachedContent = reading.text(memberOf(body, 'cachedContent'), 'cachedContent');
  const metadata = decodeLabels(memberOf(body, 'labels'), reading);
  const serviceTier = reading.text(memberOf(body, 'serviceTier'), 'serviceTier');
  const store = reading.boolean(memberOf(body, 'store'), 'store');
  return {
    ...decodeConfig(memberOf(body, 'generationConfig'), reading),
    ...(tools === undefined ? {} : { tools }),
    ...(use.choice === undefined ? {} : { toolChoice: use.choice }),
    ...(safetySettings === undefined || safetySettings.length === 0 ? {} : { safetySettings }),
    ...(cachedContent === undefined ? {} : { cachedContent }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(serviceTier === undefined ? {} : { serviceTier }),
    ...(store === undefined ? {} : { store }),
  };
}

export function modelOf(body: JsonObject, address: RequestAddress, reading: Reading): string {
  const inBody = reading.text(memberOf(body, 'model'), 'model');
  const model = address.model ?? inBody?.replace(/^models\//, '') ?? '';
  if (model === '') reading.fail('model', 'must be named in the path');
  return model;
}

function decode(body: JsonObject, address: RequestAddress, operation: ChatRequest['operation']): Decoded<ChatRequest> {
  const reading = new Reading();
  if (exceedsDepth(body)) reading.fail('body', 'is nested too deeply');
  if (reading.problem !== undefined) return reading.problem;
  const model = modelOf(body, address, reading);
  const system = decodeSystem(memberOf(body, 'systemInstruction'), reading);
  const messages = decodeContents(memberOf(body, 'contents'), reading);
  const parameters = decodeParameters(body, reading);
  const rest = Object.fromEntries([...otherMembers(body, BODY_NAMES), ...Object.entries(reading.leftovers)]);
  if (reading.problem !== undefined) return reading.problem;
  const stream = operation === 'chat' && address.stream === true;
  const value: ChatRequest = {
    operation,
    wire: 'gemini',
    model,
    stream,
    messages: [...system, ...messages],
    parameters,
    wantsStreamUsage: true,
    rest,
  };
  return { ok: true, value };
}

export function decodeGeminiRequest(body: JsonObject, address: RequestAddress): Decoded<ChatRequest> {
  return decode(body, address, 'chat');
}

/** `countTokens`: the contents alone, or a whole request in `generateContentRequest`. */
export function decodeCountRequest(body: JsonObject, address: RequestAddress): Decoded<ChatRequest> {
  const whole = memberOf(body, 'generateContentRequest');
  return decode(isJsonObject(whole) ? whole : body, address, 'count-tokens');
}
