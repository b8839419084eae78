// Files inside bodies as `data:` URLs (RFC 2397), as OpenAI's wires write images and documents.
import type { MediaSource } from './message.ts';

/** What the URL holds, whole; another URL as it is. Undefined = a `data:` URL that cannot be read. Megabytes are sliced, not scanned. */
export function sourceOfUrl(url: string): MediaSource | undefined {
  if (!/^data:/i.test(url)) return { kind: 'url', url };
  const comma = url.indexOf(',');
  if (comma === -1) return undefined;
  const [type, ...attributes] = url.slice('data:'.length, comma).split(';');
  const mediaType = type === '' ? 'text/plain' : type.toLowerCase();
  const data = url.slice(comma + 1);
  if (attributes.some((attribute) => attribute.trim().toLowerCase() === 'base64'))
    return { kind: 'base64', mediaType, data };
  const bytes = percentDecoded(data);
  return bytes && { kind: 'base64', mediaType, data: bytes.toString('base64') };
}

export function toDataUrl(mediaType: string, data: string): string {
  return `data:${mediaType};base64,${data}`;
}

function percentDecoded(text: string): Buffer | undefined {
  if (/%(?![0-9a-f]{2})/i.test(text)) return undefined;
  const latin1 = Buffer.from(text).toString('latin1');
  return Buffer.from(
    latin1.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
}
