// What a model said, as servers of this wire write it: a string, or Mistral's list of texts and thoughts; images, sources.
import { sourceOfUrl } from '../../data-url.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json-value.ts';
import type { MediaSource } from '../../message.ts';

/** Texts and thoughts in the order they were said. */
export interface SpokenPart {
  readonly type: 'text' | 'reasoning';
  readonly text: string;
}

export function spokenPartsOf(content: JsonValue | undefined): readonly SpokenPart[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  if (!Array.isArray(content)) return [];
  return content.filter(isJsonObject).flatMap((part): readonly SpokenPart[] => {
    const text = typeof part.text === 'string' ? part.text : '';
    if (part.type === 'thinking') return thoughtsOf(part.thinking);
    return text === '' ? [] : [{ type: 'text', text }];
  });
}

function thoughtsOf(thinking: JsonValue | undefined): readonly SpokenPart[] {
  return spokenPartsOf(thinking).map(({ text }) => ({ type: 'reasoning', text }));
}

/** Images a model made, as OpenRouter gives them. */
export function imagesOf(from: JsonObject): readonly MediaSource[] {
  if (!Array.isArray(from.images)) return [];
  return from.images.filter(isJsonObject).flatMap((image) => {
    const url = isJsonObject(image.image_url) ? image.image_url.url : undefined;
    const source = typeof url === 'string' ? sourceOfUrl(url) : undefined;
    return source === undefined ? [] : [source];
  });
}

export function annotationsOf(from: JsonObject): readonly JsonObject[] {
  return Array.isArray(from.annotations) ? from.annotations.filter(isJsonObject) : [];
}

/** Arguments as text: some servers give the object itself. */
export function argumentsOf(value: JsonValue | undefined): string {
  if (typeof value === 'string') return value;
  return isJsonObject(value) || Array.isArray(value) ? JSON.stringify(value) : '';
}

/** An id for a call that came without: the same for the same place in the same answer, of letters every wire takes. */
export function madeCallId(responseId: string | undefined, choice: number, call: number): string {
  const tail = (responseId ?? '').replace(/[^\w-]/g, '').slice(-24);
  return `call_${tail === '' ? '' : `${tail}_`}${choice}_${call}`;
}
