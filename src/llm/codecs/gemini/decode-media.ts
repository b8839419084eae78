// Media in a client's parts: `inlineData` and `fileData`.
import type { JsonObject } from '../../json-value.ts';
import type { AudioPart, FilePart, ImagePart, MediaSource } from '../../message.ts';
import { memberOf, type Reading } from './reading.ts';

export type MediaPart = ImagePart | FilePart | AudioPart;

const OWN_FILES = /^(?:gs:\/\/|https:\/\/generativelanguage\.googleapis\.com\/|files\/)/;

interface Media {
  readonly source: MediaSource;
  readonly mediaType: string;
  readonly name: string | undefined;
}

function partOf({ source, mediaType, name }: Media): MediaPart {
  if (mediaType.startsWith('image/')) return { type: 'image', source };
  if (mediaType.startsWith('audio/')) return { type: 'audio', source };
  return { type: 'file', source, ...(name === undefined ? {} : { name }) };
}

export function decodeInlineData(value: JsonObject, param: string, reading: Reading): MediaPart | undefined {
  const mediaType = reading.text(memberOf(value, 'mimeType'), `${param}.mimeType`);
  const data = reading.text(memberOf(value, 'data'), `${param}.data`);
  const name = reading.text(memberOf(value, 'displayName'), `${param}.displayName`);
  if (mediaType === undefined) return reading.fail(`${param}.mimeType`, 'must say what the data is');
  return partOf({ source: { kind: 'base64', mediaType, data: data ?? '' }, mediaType, name });
}

/** An address anyone can read, or one of Google's own files, which only Google can. */
export function decodeFileData(value: JsonObject, param: string, reading: Reading): MediaPart | undefined {
  const uri = reading.text(memberOf(value, 'fileUri'), `${param}.fileUri`);
  const mediaType = reading.text(memberOf(value, 'mimeType'), `${param}.mimeType`);
  const name = reading.text(memberOf(value, 'displayName'), `${param}.displayName`);
  if (uri === undefined) return reading.fail(`${param}.fileUri`, 'must be given');
  const source: MediaSource = OWN_FILES.test(uri)
    ? { kind: 'stored', id: uri }
    : { kind: 'url', url: uri, ...(mediaType === undefined ? {} : { mediaType }) };
  return partOf({ source, mediaType: mediaType ?? '', name });
}

const DETAILS: Readonly<Record<string, 'low' | 'high' | 'auto'>> = {
  MEDIA_RESOLUTION_LOW: 'low',
  MEDIA_RESOLUTION_MEDIUM: 'auto',
  MEDIA_RESOLUTION_HIGH: 'high',
};

/** `mediaResolution` of one part; what an image cannot be told stays a leftover. */
export function withResolution(part: MediaPart, resolution: JsonObject, reading: Reading): MediaPart {
  const level = memberOf(resolution, 'level');
  const detail = typeof level === 'string' && Object.hasOwn(DETAILS, level) ? DETAILS[level] : undefined;
  if (part.type === 'image' && detail !== undefined) return { ...part, detail };
  reading.leave('contents[].parts[].', [['mediaResolution', resolution]]);
  return part;
}
