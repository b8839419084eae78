// The head of an answer whose body is told in another wire: what described the provider's body goes, ours comes in its place, and
// its rate limits are told in the fields of the client's wire.
import { isRateLimitField, type RateLimitStyle, rateLimitLines, readRateLimits } from '../llm/rate-limit-fields.ts';
import type { HeaderList } from '../wire/header-list.ts';
import type { ResponseHead } from '../wire/http1-response-parser.ts';

const OF_BODY = [
  'content-type',
  'content-encoding',
  'content-md5',
  'digest',
  'content-digest',
  'etag',
  'last-modified',
];
const OF_STREAM = ['cache-control', 'x-accel-buffering'];

export interface TranslatedHead {
  readonly contentType: string;
  /** Wishes that the provider was not told. */
  readonly dropped: readonly string[];
  readonly rateLimitStyle: RateLimitStyle | undefined;
  readonly wallMs: number;
}

/** A head of more is refused by common clients, and the log has all of them. */
const MAX_LISTED = 50;

/** Visible ASCII without commas, so that names stay apart in the list. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, MAX_LISTED).map((name) => name.slice(0, 100).replace(/[^\x21-\x2b\x2d-\x7e]/g, '?'));
  const more = names.length - shown.length;
  return [...shown, ...(more > 0 ? [`and-${more}-more`] : [])].join(', ');
}

function takeLimits(headers: HeaderList, { rateLimitStyle: style, wallMs }: TranslatedHead): string {
  // hot: many answers have none, and no list of all fields is made to find that out.
  if (!headers.someName(isRateLimitField)) return '';
  const own = [...headers.entries()].filter(([name]) => isRateLimitField(name));
  for (const [name] of own) headers.delete(name);
  return style === undefined ? '' : rateLimitLines(readRateLimits(own, wallMs), style, wallMs);
}

/** Drops fields of the head and returns the lines that stand for them. */
export function translatedHead({ headers }: ResponseHead, told: TranslatedHead): string {
  const { contentType, dropped } = told;
  for (const name of OF_BODY) headers.delete(name);
  const signal = dropped.length === 0 ? '' : `x-switchyard-dropped: ${listed(dropped)}\r\n`;
  const lines = `content-type: ${contentType}\r\n${signal}${takeLimits(headers, told)}`;
  if (!contentType.startsWith('text/event-stream')) return lines;
  for (const name of OF_STREAM) headers.delete(name);
  // Proxies on the way to the client must neither change nor collect the events.
  return `${lines}cache-control: no-cache, no-transform\r\nx-accel-buffering: no\r\n`;
}
