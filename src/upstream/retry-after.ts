// When an answer asks to come back: `Retry-After` as seconds or date (RFC 9110 §10.2.3), `retry-after-ms` as AI providers add it.
import type { HeaderList } from '../wire/header-list.ts';

/** Milliseconds from now, 0 for a moment that has passed; -1 where nothing valid is said. */
export function parseRetryAfter(text: string, wallMs: number): number {
  const trimmed = text.trim();
  if (/^\d{1,10}$/.test(trimmed)) return Number(trimmed) * 1000;
  // Only dates of HTTP: `Date.parse` alone takes "5.5" for a day in May.
  if (!/^[A-Z][a-z]+,? .*\d{2}:\d{2}:\d{2}/.test(trimmed)) return -1;
  const atMs = Date.parse(trimmed.endsWith('GMT') ? trimmed : `${trimmed} GMT`);
  return Number.isNaN(atMs) ? -1 : Math.max(0, atMs - wallMs);
}

/** What these fields ask for; the finer of the two wins. */
export function retryAfterOf(headers: HeaderList, wallMs: number): number {
  const milliseconds = headers.get('retry-after-ms');
  if (milliseconds !== undefined && /^\d{1,12}(\.\d+)?$/.test(milliseconds)) return Number(milliseconds);
  const text = headers.get('retry-after');
  return text === undefined ? -1 : parseRetryAfter(text, wallMs);
}
