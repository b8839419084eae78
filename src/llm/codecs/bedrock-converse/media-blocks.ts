// Images, documents and sound as Converse takes them: bytes in base64 and a format word. Never an address: those are refused.
import type { JsonObject } from '../../json-value.ts';
import type { AudioPart, FilePart, ImagePart } from '../../message.ts';

const DOCUMENT_FORMATS: Readonly<Record<string, string>> = {
  'application/pdf': 'pdf',
  'text/csv': 'csv',
  'application/msword': 'doc',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'text/html': 'html',
  'text/markdown': 'md',
  'text/plain': 'txt',
};
const KNOWN_EXTENSIONS: ReadonlySet<string> = new Set(Object.values(DOCUMENT_FORMATS));

const AUDIO_FORMATS: Readonly<Record<string, string>> = {
  'audio/mpeg': 'mp3',
  'audio/x-wav': 'wav',
  'audio/wave': 'wav',
  'audio/l16': 'pcm',
  'audio/x-m4a': 'm4a',
};

/** Without parameters such as `; charset=utf-8`. */
function plainType(mediaType: string): string {
  return mediaType.split(';', 1)[0].trim().toLowerCase();
}

function subtype(mediaType: string): string {
  return plainType(mediaType).split('/', 2)[1] ?? '';
}

export function imageBlock({ source }: ImagePart): JsonObject | undefined {
  if (source.kind !== 'base64') return undefined;
  const format = subtype(source.mediaType);
  return { image: { format: format === 'jpg' ? 'jpeg' : format, source: { bytes: source.data } } };
}

export function audioBlock({ source }: AudioPart): JsonObject | undefined {
  if (source.kind !== 'base64') return undefined;
  const type = plainType(source.mediaType);
  return { audio: { format: AUDIO_FORMATS[type] ?? subtype(type), source: { bytes: source.data } } };
}

function documentFormat(mediaType: string, name: string | undefined): string | undefined {
  const type = plainType(mediaType);
  const extension = name?.split('.').at(-1)?.toLowerCase() ?? '';
  if (Object.hasOwn(DOCUMENT_FORMATS, type)) return DOCUMENT_FORMATS[type];
  if (KNOWN_EXTENSIONS.has(extension)) return extension;
  return type.startsWith('text/') ? 'txt' : undefined;
}

/** Names of one request: Converse takes few characters in them, and none twice. */
export class DocumentNames {
  private readonly taken = new Set<string>();

  take(wished: string | undefined): string {
    const stem = (wished ?? '').replace(/\.[a-z]{2,4}$/i, '');
    const plain = stem
      .replaceAll(/[^A-Za-z0-9()[\] -]/g, '-')
      .replaceAll(/ {2,}/g, ' ')
      .trim()
      .slice(0, 180);
    const base = plain === '' ? 'document' : plain;
    let name = base;
    for (let number = 2; this.taken.has(name); number++) name = `${base} (${number})`;
    this.taken.add(name);
    return name;
  }
}

export function documentBlock({ source, name }: FilePart, names: DocumentNames): JsonObject | undefined {
  if (source.kind === 'text') {
    const bytes = Buffer.from(source.text).toString('base64');
    return { document: { format: 'txt', name: names.take(name), source: { bytes } } };
  }
  if (source.kind !== 'base64') return undefined;
  const format = documentFormat(source.mediaType, name);
  return {
    document: { ...(format !== undefined && { format }), name: names.take(name), source: { bytes: source.data } },
  };
}
