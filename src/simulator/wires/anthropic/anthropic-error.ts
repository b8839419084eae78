// Errors as Anthropic writes them, for real mistakes of the client and for the faults that imitate a refusal.
import { jsonAnswer, type WholeAnswer } from '../../answer.ts';
import { type Refusal, retryAfterSeconds } from '../../refusal.ts';
import type { ErrorHints } from '../../wire.ts';

const TYPE_OF: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

const MESSAGE_OF: Readonly<Record<number, string>> = {
  401: 'invalid x-api-key',
  403: 'Your API key does not have permission to use the specified resource.',
  404: 'model: no such model',
  429: 'This request would exceed the rate limit of your organization.',
  529: 'Overloaded',
};

export const OVERLOADED = errorText('overloaded_error', 'Overloaded');

function errorText(type: string, message: string): string {
  return JSON.stringify({ type: 'error', error: { type, message }, request_id: null });
}

export function anthropicError(status: number, message: string, { headers }: ErrorHints = {}): WholeAnswer {
  const type = TYPE_OF[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
  const answer = jsonAnswer(status, { type: 'error', error: { type, message }, request_id: null });
  return headers === undefined ? answer : { ...answer, headers };
}

export function anthropicRefusal(refusal: Refusal): WholeAnswer {
  switch (refusal.kind) {
    case 'status':
      return byStatus(refusal.status);
    case 'rate-limit': {
      const seconds = retryAfterSeconds(refusal.retryAfterMs);
      return anthropicError(429, MESSAGE_OF[429], { headers: limitFields(seconds) });
    }
    case 'quota':
      return anthropicError(400, 'Your credit balance is too low to access the Anthropic API.');
    case 'context-window':
      return anthropicError(400, 'prompt is too long: 210000 tokens > 200000 maximum');
    case 'content-policy':
      return anthropicError(400, 'Output blocked by content filtering policy');
  }
}

function byStatus(status: number): WholeAnswer {
  if (status < 400) {
    return anthropicError(status, 'The simulator sends you elsewhere.', { headers: { location: '/moved' } });
  }
  const fallback = status >= 500 ? 'Internal server error' : `The simulator refuses this request with ${status}.`;
  return anthropicError(status, MESSAGE_OF[status] ?? fallback);
}

function limitFields(retryAfter: string): Readonly<Record<string, string>> {
  return {
    'retry-after': retryAfter,
    'anthropic-ratelimit-requests-limit': '50',
    'anthropic-ratelimit-requests-remaining': '0',
    'anthropic-ratelimit-requests-reset': '2026-01-01T00:00:01Z',
    'anthropic-ratelimit-tokens-limit': '80000',
    'anthropic-ratelimit-tokens-remaining': '79000',
    'anthropic-ratelimit-tokens-reset': '2026-01-01T00:00:01Z',
  };
}
