// Parts of messages and tool results of a Responses request, as the client wrote them. Under decode-items.ts.
import type { JsonObject } from '../../json-value.ts';
import type {
  AssistantPart,
  AudioPart,
  CacheMark,
  FilePart,
  ImagePart,
  MediaSource,
  SystemPart,
  TextPart,
  ToolResultContent,
  UserPart,
} from '../../message.ts';
import { nameOf, type Place, type Reading } from './reading.ts';

const DATA_URL = /^data:([^;,]*)(?:;[^;,]+=[^;,]*)*;base64,/;
const AUDIO_TYPES = { wav: 'audio/wav', mp3: 'audio/mpeg' } as const;

/** `image_url` and `file_data` hold either an address or the bytes themselves. */
function sourceOfUrl(url: string): MediaSource {
  const head = DATA_URL.exec(url.slice(0, 200));
  if (head === null) return { kind: 'url', url };
  return { kind: 'base64', mediaType: head[1] === '' ? 'text/plain' : head[1], data: url.slice(head[0].length) };
}

/** A lifetime of half an hour or more is asked of others as an hour. */
function cacheOf(reading: Reading, place: Place): { readonly cache?: CacheMark } {
  const mark = reading.object(place, 'prompt_cache_breakpoint');
  if (mark === undefined) return {};
  return { cache: { ttl: typeof mark.ttl === 'string' ? '1h' : undefined } };
}

function textPart(reading: Reading, place: Place): TextPart {
  return { type: 'text', text: reading.requiredText(place, 'text'), ...cacheOf(reading, place) };
}

function imagePart(reading: Reading, place: Place): ImagePart | undefined {
  const url = reading.text(place, 'image_url');
  const id = reading.text(place, 'file_id');
  const wish = reading.oneOf(place, 'detail', ['low', 'high', 'auto', 'original']);
  if (url === undefined && id === undefined) {
    reading.fail(nameOf(place), 'an image with image_url or file_id');
    return undefined;
  }
  const source: MediaSource = url === undefined ? { kind: 'stored', id: id as string } : sourceOfUrl(url);
  // `auto` is what everybody does unasked; `original` is finer than the finest that others know
  const detail = wish === undefined || wish === 'auto' ? {} : { detail: wish === 'low' ? wish : ('high' as const) };
  return { type: 'image', source, ...detail, ...cacheOf(reading, place) };
}

/** Bytes without a `data:` in front: the name tells what they are, and PDF is what the API takes without one. */
function sourceOfFileData(data: string, name: string | undefined): MediaSource {
  if (data.startsWith('data:')) return sourceOfUrl(data);
  const isText = name !== undefined && /\.(txt|md|csv)$/i.test(name);
  return { kind: 'base64', mediaType: isText ? 'text/plain' : 'application/pdf', data };
}

function fileSource(reading: Reading, place: Place, name: string | undefined): MediaSource | undefined {
  const data = reading.text(place, 'file_data');
  if (data !== undefined) return sourceOfFileData(data, name);
  const url = reading.text(place, 'file_url');
  if (url !== undefined) return sourceOfUrl(url);
  const id = reading.text(place, 'file_id');
  if (id !== undefined) return { kind: 'stored', id };
  reading.fail(nameOf(place), 'a file with file_data, file_url or file_id');
  return undefined;
}

function filePart(reading: Reading, place: Place): FilePart | undefined {
  const name = reading.text(place, 'filename');
  const source = fileSource(reading, place, name);
  reading.leave(place, ['detail']);
  if (source === undefined) return undefined;
  return { type: 'file', source, ...(name === undefined ? {} : { name }), ...cacheOf(reading, place) };
}

function audioPart(reading: Reading, place: Place): AudioPart {
  const audio = reading.below(place, 'input_audio');
  const format = reading.oneOf(audio, 'format', ['wav', 'mp3']) ?? 'wav';
  const data = reading.requiredText(audio, 'data');
  return { type: 'audio', source: { kind: 'base64', mediaType: AUDIO_TYPES[format], data } };
}

function assistantText(reading: Reading, place: Place): TextPart {
  const citations = reading.places(place, 'annotations').map(({ object }) => object);
  const part = textPart(reading, place);
  return citations.length === 0 ? part : { ...part, citations: citations as readonly JsonObject[] };
}

type AnyPart = UserPart | AssistantPart;

function anyPart(reading: Reading, place: Place): AnyPart | undefined {
  const type = reading.requiredText(place, 'type');
  switch (type) {
    case 'input_text':
      return textPart(reading, place);
    case 'output_text':
      return assistantText(reading, place);
    case 'input_image':
      return imagePart(reading, place);
    case 'input_file':
      return filePart(reading, place);
    case 'input_audio':
      return audioPart(reading, place);
    case 'refusal':
      return { type: 'refusal', text: reading.requiredText(place, 'refusal') };
    default:
      reading.fail(`${place.at}type`, 'input_text, input_image, input_file, input_audio, output_text or refusal');
      return undefined;
  }
}

/** `member` holds a text, or a list of parts of which `accept` takes those that may stand there. */
function parts<P extends AnyPart>(
  { reading, place, member }: ContentOf,
  accept: (part: AnyPart) => P | undefined,
): readonly P[] {
  const value = place.object[member];
  if (typeof value === 'string') return [{ type: 'text', text: value } as P];
  if (!Array.isArray(value)) {
    reading.fail(`${place.at}${member}`, 'a string or a list of parts');
    return [];
  }
  const found: P[] = [];
  for (const inner of reading.places(place, member)) {
    const part = anyPart(reading, inner);
    const taken = part === undefined ? undefined : accept(part);
    if (taken !== undefined) found.push(taken);
    else if (part !== undefined) reading.fail(`${inner.at}type`, 'of a kind that this role can say');
  }
  return found;
}

/** Where content stands. */
export interface ContentOf {
  readonly reading: Reading;
  readonly place: Place;
  readonly member: 'content' | 'output';
}

export function systemParts(content: ContentOf): readonly SystemPart[] {
  return parts(content, (part) => (part.type === 'text' ? part : undefined));
}

export function userParts(content: ContentOf): readonly UserPart[] {
  return parts(content, (part) =>
    part.type === 'text' || part.type === 'image' || part.type === 'file' || part.type === 'audio' ? part : undefined,
  );
}

export function assistantParts(content: ContentOf): readonly AssistantPart[] {
  return parts(content, (part) =>
    part.type === 'text' || part.type === 'refusal' || part.type === 'image' || part.type === 'audio'
      ? part
      : undefined,
  );
}

export function toolResultParts(content: ContentOf): readonly ToolResultContent[] {
  return parts(content, (part) =>
    part.type === 'text' || part.type === 'image' || part.type === 'file' ? part : undefined,
  );
}
