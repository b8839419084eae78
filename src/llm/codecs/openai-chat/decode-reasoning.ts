// Thoughts as this wire's many servers write them (`reasoning_content`, `reasoning`, OpenRouter's `reasoning_details`) → canonical.
import { isJsonObject, type JsonObject, type JsonValue } from '../../json-value.ts';
import type { ReasoningPart } from '../../message.ts';

/** What was thought, of a message or a delta, in the first spelling that says something: servers that write two say it twice. */
export function reasoningTextOf(from: JsonObject): string {
  for (const key of ['reasoning_content', 'reasoning']) {
    const text = from[key];
    if (typeof text === 'string' && text !== '') return text;
  }
  return '';
}

export interface ReasoningDetail {
  readonly text: string;
  readonly signature: string;
  readonly redacted: string;
}

function textIn(from: JsonObject, key: string): string {
  const value = from[key];
  return typeof value === 'string' ? value : '';
}

/** OpenRouter's pieces: text with signature, summaries, and thoughts that only their maker can read. */
export function reasoningDetailsOf(value: JsonValue | undefined): readonly ReasoningDetail[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isJsonObject).map((detail) => ({
    text: textIn(detail, 'text') || textIn(detail, 'summary'),
    signature: textIn(detail, 'signature'),
    redacted: textIn(detail, 'data'),
  }));
}

/** All thoughts of a whole message. */
export function reasoningPartsOf(message: JsonObject): readonly ReasoningPart[] {
  const parts: ReasoningPart[] = [];
  for (const { text, signature, redacted } of reasoningDetailsOf(message.reasoning_details)) {
    if (redacted !== '') parts.push({ type: 'reasoning', text: '', redacted });
    else if (text !== '' || signature !== '')
      parts.push({ type: 'reasoning', text, ...(signature !== '' && { signature }) });
  }
  const text = reasoningTextOf(message);
  const isSaid = text === '' || parts.some((part) => part.text !== '');
  if (isSaid) return parts;
  // Told as plain text, with a signature alone in the details: they belong together.
  const bare = parts.findIndex((part) => part.signature !== undefined);
  if (bare === -1) return [{ type: 'reasoning', text }, ...parts];
  return parts.map((part, index) => (index === bare ? { ...part, text } : part));
}
