// Google's `usageMetadata` and our counts. It counts thoughts beside candidates and prompts of tools beside the prompt; we count
// parts inside their whole (usage.ts).
import { isJsonObject, type JsonObject, type JsonValue } from '../../json-value.ts';
import { createUsage, type Usage } from '../../usage.ts';
import { memberOf, numberOf } from './reading.ts';

function count(metadata: JsonObject, name: string): number {
  const value = numberOf(memberOf(metadata, name));
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}

/** Of one modality in a list of `{modality, tokenCount}`. */
function ofModality(metadata: JsonObject, name: string, modality: string): number {
  const list = memberOf(metadata, name);
  if (!Array.isArray(list)) return 0;
  return (list as readonly JsonValue[])
    .filter(isJsonObject)
    .filter((detail) => detail.modality === modality)
    .reduce((sum, detail) => sum + count(detail, 'tokenCount'), 0);
}

/** Undefined when nothing was counted: `{}`, null, not an object. */
export function readUsageMetadata(value: JsonValue | undefined): Usage | undefined {
  if (!isJsonObject(value)) return undefined;
  const prompt = count(value, 'promptTokenCount');
  const candidates = count(value, 'candidatesTokenCount');
  const thoughts = count(value, 'thoughtsTokenCount');
  const told = count(value, 'totalTokenCount');
  const input = prompt + count(value, 'toolUsePromptTokenCount');
  const output = candidates + thoughts;
  if (input + output + told === 0) return undefined;
  return createUsage({
    input,
    output,
    ...(told === 0 ? {} : { total: told }),
    cachedInput: count(value, 'cachedContentTokenCount'),
    reasoning: thoughts,
    audioInput: ofModality(value, 'promptTokensDetails', 'AUDIO'),
    audioOutput: ofModality(value, 'candidatesTokensDetails', 'AUDIO'),
  });
}

/** The whole split again by modality: what is not audio is text. */
function details(whole: number, audio: number): readonly JsonObject[] {
  const text = Math.max(0, whole - audio);
  return [
    ...(text > 0 ? [{ modality: 'TEXT', tokenCount: text }] : []),
    ...(audio > 0 ? [{ modality: 'AUDIO', tokenCount: audio }] : []),
  ];
}

export function writeUsageMetadata(usage: Usage): JsonObject {
  const candidates = Math.max(0, usage.output - usage.reasoning);
  return {
    promptTokenCount: usage.input,
    candidatesTokenCount: candidates,
    totalTokenCount: usage.total,
    ...(usage.cachedInput > 0 ? { cachedContentTokenCount: usage.cachedInput } : {}),
    ...(usage.reasoning > 0 ? { thoughtsTokenCount: usage.reasoning } : {}),
    ...(usage.audioInput > 0 ? { promptTokensDetails: details(usage.input, usage.audioInput) } : {}),
    ...(usage.audioOutput > 0 ? { candidatesTokensDetails: details(candidates, usage.audioOutput) } : {}),
  };
}
