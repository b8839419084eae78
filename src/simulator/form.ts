// Reads multipart/form-data (RFC 7578) as the object that stands for its JSON: fields as text, files as name, type and size.
import type { JsonObject } from './json.ts';

/** What is kept of an uploaded file. */
export interface FormFile {
  readonly filename: string;
  readonly type: string;
  readonly bytes: number;
}

const BOUNDARY = /^multipart\/form-data;.*\bboundary=(?:"([^"]+)"|([^;\s]+))/i;

/** Undefined when it is no such body. A name that comes twice is a list. */
export function readForm(contentType: string | undefined, body: Buffer): JsonObject | undefined {
  const match = BOUNDARY.exec(contentType ?? '');
  if (match === null) return undefined;
  const delimiter = `\r\n--${match[1] ?? match[2]}`;
  const parts = `\r\n${body.toString('latin1')}`.split(delimiter);
  if (parts.length < 2 || !parts[parts.length - 1].startsWith('--')) return undefined;
  const form: Record<string, unknown> = Object.create(null);
  for (const part of parts.slice(1, -1)) {
    const field = readPart(part);
    if (field === undefined) return undefined;
    const [name, value] = field;
    const before = form[name];
    form[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return form;
}

function readPart(part: string): readonly [name: string, value: string | FormFile] | undefined {
  const end = part.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const head = part.slice(0, end);
  const content = part.slice(end + 4);
  const name = /\bname="([^"]*)"/i.exec(head)?.[1];
  if (name === undefined) return undefined;
  const filename = /\bfilename="([^"]*)"/i.exec(head)?.[1];
  const key = name.replace(/\[\]$/, '');
  if (filename === undefined) return [key, Buffer.from(content, 'latin1').toString('utf8')];
  const type = /^content-type: *(\S+)/im.exec(head)?.[1] ?? 'application/octet-stream';
  return [key, { filename, type, bytes: content.length }];
}
