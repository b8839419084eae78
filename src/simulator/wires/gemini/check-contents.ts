// What Google refuses in a request, so that a gateway which translates badly is found out here and not at the provider.
import { signatureOf } from '../../conversation.ts';
import { isObject, type JsonObject } from '../../json.ts';
import { unknownInSchema } from './openapi-schema.ts';

const BODY: ReadonlySet<string> = new Set([
  'model',
  'contents',
  'tools',
  'toolConfig',
  'safetySettings',
  'systemInstruction',
  'generationConfig',
  'cachedContent',
  'labels',
  'serviceTier',
  'store',
]);

const GENERATION: ReadonlySet<string> = new Set([
  'stopSequences',
  'responseMimeType',
  'responseSchema',
  'responseJsonSchema',
  'responseModalities',
  'candidateCount',
  'maxOutputTokens',
  'temperature',
  'topP',
  'topK',
  'seed',
  'presencePenalty',
  'frequencyPenalty',
  'responseLogprobs',
  'logprobs',
  'enableEnhancedCivicAnswers',
  'speechConfig',
  'thinkingConfig',
  'imageConfig',
  'mediaResolution',
  'audioTimestamp',
]);

/** Signatures that Google takes for turns that no model of its own wrote. */
const DUMMY_SIGNATURES: ReadonlySet<unknown> = new Set([
  'context_engineering_is_the_way_to_go',
  'skip_thought_signature_validator',
]);

/** The first thing wrong with the request, or undefined. */
export function wrongWithRequest(body: JsonObject): string | undefined {
  const config = isObject(body.generationConfig) ? body.generationConfig : {};
  return (
    unknownName(body, BODY, '') ??
    unknownName(config, GENERATION, 'generation_config') ??
    unknownInSchema(config.responseSchema, 'generation_config.response_schema') ??
    wrongWithTools(body) ??
    wrongWithConfig(config) ??
    wrongWithContents(body.contents)
  );
}

function unknownName(value: JsonObject, known: ReadonlySet<string>, place: string): string | undefined {
  const name = Object.keys(value).find((each) => !known.has(each));
  if (name === undefined) return undefined;
  return `Invalid JSON payload received. Unknown name "${name}"${place === '' ? '' : ` at '${place}'`}: Cannot find field.`;
}

function wrongWithTools({ tools }: JsonObject): string | undefined {
  if (!Array.isArray(tools)) return undefined;
  for (const { functionDeclarations } of (tools as readonly unknown[]).filter(isObject)) {
    if (!Array.isArray(functionDeclarations)) continue;
    for (const [index, each] of (functionDeclarations as readonly unknown[]).filter(isObject).entries()) {
      const place = `tools[0].function_declarations[${index}]`;
      if (typeof each.name !== 'string' || !/^[A-Za-z_][\w.:-]{0,127}$/.test(each.name))
        return `Invalid function name at '${place}.name'.`;
      const wrong = unknownInSchema(each.parameters, `${place}.parameters`);
      if (wrong !== undefined) return wrong;
    }
  }
  return undefined;
}

function wrongWithConfig({
  responseSchema,
  responseJsonSchema,
  responseMimeType,
  stopSequences,
}: JsonObject): string | undefined {
  const isShaped = responseSchema !== undefined || responseJsonSchema !== undefined;
  if (isShaped && responseMimeType !== 'application/json')
    return 'A response schema needs the response_mime_type application/json.';
  return Array.isArray(stopSequences) && stopSequences.length > 5
    ? 'The number of stop sequences must be at most 5.'
    : undefined;
}

export function partsOf(content: unknown): readonly JsonObject[] {
  return isObject(content) && Array.isArray(content.parts)
    ? (content.parts as readonly unknown[]).filter(isObject)
    : [];
}

function wrongWithContents(contents: unknown): string | undefined {
  if (!Array.isArray(contents) || contents.length === 0)
    return 'GenerateContentRequest.contents: contents is not specified';
  let open = 0;
  for (const [index, content] of (contents as readonly unknown[]).entries()) {
    const { role } = isObject(content) ? content : {};
    if (role !== undefined && role !== 'user' && role !== 'model') return 'Please use a valid role: user, model.';
    const parts = partsOf(content);
    if (parts.length === 0) return `GenerateContentRequest.contents[${index}].parts: contents.parts must not be empty.`;
    const results = parts.filter(({ functionResponse }) => isObject(functionResponse)).length;
    if (results !== open) return WRONG_COUNT;
    const calls = parts.filter(({ functionCall }) => isObject(functionCall));
    if (calls.some((part) => !isSignedWell(part))) return 'Corrupted thought signature.';
    open = calls.length;
  }
  return open === 0 ? undefined : WRONG_COUNT;
}

const WRONG_COUNT =
  'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.';

/** Without a signature, or with the one that the simulator gave to this very call. */
function isSignedWell({ thoughtSignature, functionCall }: JsonObject): boolean {
  if (thoughtSignature === undefined || DUMMY_SIGNATURES.has(thoughtSignature)) return true;
  if (!isObject(functionCall) || typeof thoughtSignature !== 'string') return false;
  const own = callSignature(functionCall.name, functionCall.args);
  // Both alphabets of base64 are taken, as Google does: its Python client writes the one for URLs.
  return Buffer.from(own, 'base64').equals(Buffer.from(thoughtSignature, 'base64'));
}

/** Base64, as Google's are. */
export function callSignature(name: unknown, args: unknown): string {
  return signatureOf(JSON.stringify([name, args ?? {}])).slice('sim-'.length);
}
