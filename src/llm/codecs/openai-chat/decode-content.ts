// Parts of a chat message as clients write them → canonical parts.
import { type BodyReader, placeOf } from '../../body-reader.ts';
import { sourceOfUrl } from '../../data-url.ts';
import { isJsonObject, type JsonObject } from '../../json-value.ts';
import type { AudioPart, CacheMark, FilePart, ImagePart, MediaSource, TextPart } from '../../message.ts';

export type ContentPart = TextPart | ImagePart | FilePart | AudioPart;

const DETAILS = ['low', 'high', 'auto', 'original'] as const;

/** The parts of `content`, a string being one text. Empty texts are none: other wires refuse them. */
export function decodeContent(message: JsonObject, at: string, reader: BodyReader): ContentPart[] {
  const { content } = message;
  if (content === undefined || content === null || content === '') return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (!Array.isArray(content)) {
    reader.refuseKind(`${at}.content`, 'a string or a list of parts', content);
    return [];
  }
  const parts: ContentPart[] = [];
  for (const [index, part] of (reader.objects(message, 'content', at) ?? []).entries()) {
    const decoded = decodePart(part, `${at}.content[${index}]`, reader);
    if (decoded !== undefined) parts.push(decoded);
  }
  return parts;
}

/** The texts of `content`; other parts are refused. */
export function decodeTexts(message: JsonObject, at: string, reader: BodyReader): readonly TextPart[] {
  const parts = decodeContent(message, at, reader);
  const wrong = parts.find(({ type }) => type !== 'text');
  if (wrong !== undefined) reader.refuse(`${at}.content`, `"${at}.content" holds text only, no ${wrong.type}`);
  return parts.filter((part) => part.type === 'text');
}

/** One part; undefined when it says nothing or is refused. */
export function decodePart(part: JsonObject, at: string, reader: BodyReader): ContentPart | undefined {
  const cache = cacheMarkOf(part, at, reader);
  switch (part.type) {
    case 'text': {
      const text = reader.text(part, 'text', at) ?? '';
      return text === '' ? undefined : { type: 'text', text, ...(cache && { cache }) };
    }
    case 'image_url':
      return decodeImage(part, at, reader);
    case 'file':
      return decodeFile(part, at, reader);
    case 'input_audio': {
      const audio = reader.object(part, 'input_audio', at) ?? {};
      const data = reader.requiredText(audio, 'data', `${at}.input_audio`);
      const format = reader.requiredText(audio, 'format', `${at}.input_audio`);
      return {
        type: 'audio',
        source: { kind: 'base64', mediaType: `audio/${format === 'mp3' ? 'mpeg' : format}`, data },
      };
    }
    default:
      return reader.refuse(`${at}.type`, `"${at}.type" must be text, image_url, file or input_audio to be translated`);
  }
}

function decodeImage(part: JsonObject, at: string, reader: BodyReader): ImagePart | undefined {
  const image =
    typeof part.image_url === 'string' ? { url: part.image_url } : (reader.object(part, 'image_url', at) ?? {});
  const url = reader.requiredText(image, 'url', `${at}.image_url`);
  const source = sourceOfUrl(url);
  if (source === undefined)
    return reader.refuse(`${at}.image_url.url`, `"${at}.image_url.url" is a data URL that cannot be read`);
  const written = reader.text(image, 'detail', `${at}.image_url`);
  const detail = DETAILS.find((each) => each === written);
  if (written !== undefined && detail === undefined)
    reader.refuse(`${at}.image_url.detail`, `"${at}.image_url.detail" must be one of ${DETAILS.join(', ')}`);
  const cache = cacheMarkOf(part, at, reader);
  return { type: 'image', source, ...(detail && { detail }), ...(cache && { cache }) };
}

function decodeFile(part: JsonObject, at: string, reader: BodyReader): FilePart | undefined {
  const place = `${at}.file`;
  const file = reader.object(part, 'file', at) ?? {};
  const name = reader.text(file, 'filename', place);
  const id = reader.text(file, 'file_id', place);
  const data = reader.text(file, 'file_data', place);
  const source = data === undefined ? storedSource(id) : fileSource(data, name);
  if (source === undefined) return reader.refuse(place, `"${place}" needs a file_id, or file_data that can be read`);
  const cache = cacheMarkOf(part, at, reader);
  return { type: 'file', source, ...(name !== undefined && { name }), ...(cache && { cache }) };
}

function storedSource(id: string | undefined): MediaSource | undefined {
  return id === undefined || id === '' ? undefined : { kind: 'stored', id };
}

/** A data URL, an address, or base64 alone, whose type then is told by the name. */
function fileSource(data: string, name: string | undefined): MediaSource | undefined {
  if (/^(data:|https?:)/i.test(data)) return sourceOfUrl(data);
  const isPdf = name === undefined || /\.pdf$/i.test(name);
  return { kind: 'base64', mediaType: isPdf ? 'application/pdf' : 'application/octet-stream', data };
}

/** Anthropic's `cache_control`, which OpenRouter and others take in this wire, or OpenAI's own `prompt_cache_breakpoint`. */
export function cacheMarkOf(from: JsonObject, at: string, reader: BodyReader): CacheMark | undefined {
  const control = reader.object(from, 'cache_control', at);
  if (control !== undefined) {
    const ttl = reader.text(control, 'ttl', placeOf(at, 'cache_control'));
    return { ttl: ttl === '1h' || ttl === '5m' ? ttl : undefined };
  }
  // Half an hour and more are nearer to an hour than to five minutes.
  return isJsonObject(from.prompt_cache_breakpoint) ? { ttl: '1h' } : undefined;
}
