// Errors as OpenAI writes them, for real mistakes of the client and for the faults that imitate a provider's refusal.
import { jsonAnswer, type WholeAnswer } from './answer.ts';
import { type Refusal, retryAfterSeconds } from './refusal.ts';
import type { ErrorHints } from './wire.ts';

export function openaiError(status: number, message: string, hints: ErrorHints = {}): WholeAnswer {
  const { type = 'invalid_request_error', param = null, code = null, headers } = hints;
  const answer = jsonAnswer(status, { error: { message, type, param, code } });
  return headers === undefined ? answer : { ...answer, headers };
}

/** What `error-in-stream` says, in a stream and as a whole. */
export const STREAM_ERROR_MESSAGE = 'The server had an error while processing your request. Sorry about that!';

const BY_STATUS: Readonly<Record<number, readonly [message: string, hints: ErrorHints]>> = {
  401: ['Incorrect API key provided.', { code: 'invalid_api_key' }],
  403: ['Your account may not use this model.', { type: 'permission_error', code: 'model_not_allowed' }],
  404: ['The model does not exist or you do not have access to it.', { param: 'model', code: 'model_not_found' }],
  429: ['Rate limit reached.', { type: 'requests', code: 'rate_limit_exceeded' }],
  503: [
    'The engine is currently overloaded, please try again later.',
    { type: 'overloaded_error', code: 'overloaded' },
  ],
};

/** The refusal a request's faults ask for. */
export function openaiRefusal(refusal: Refusal): WholeAnswer {
  switch (refusal.kind) {
    case 'status':
      return byStatus(refusal.status);
    case 'rate-limit':
      return rateLimited(refusal.retryAfterMs);
    case 'quota': {
      const message = 'You exceeded your current quota, please check your plan and billing details.';
      return openaiError(429, message, { type: 'insufficient_quota', code: 'insufficient_quota' });
    }
    case 'context-window': {
      const message = "This model's maximum context length is 8192 tokens. Please reduce the length of the messages.";
      return openaiError(400, message, { param: 'messages', code: 'context_length_exceeded' });
    }
    case 'content-policy': {
      const message = 'Your request was rejected as a result of our safety system.';
      return openaiError(400, message, { code: 'content_policy_violation' });
    }
  }
}

function byStatus(status: number): WholeAnswer {
  const known = BY_STATUS[status];
  if (known !== undefined) return openaiError(status, known[0], known[1]);
  if (status >= 500) return openaiError(status, STREAM_ERROR_MESSAGE, { type: 'server_error' });
  if (status >= 400) return openaiError(status, `The simulator refuses this request with ${status}.`);
  return openaiError(status, 'The simulator sends you elsewhere.', { headers: { location: '/moved' } });
}

function rateLimited(retryAfterMs: number): WholeAnswer {
  const wait = `${retryAfterMs / 1000}s`;
  return openaiError(429, `Rate limit reached for requests. Please try again in ${wait}.`, {
    type: 'requests',
    code: 'rate_limit_exceeded',
    headers: {
      'retry-after': retryAfterSeconds(retryAfterMs),
      'retry-after-ms': String(retryAfterMs),
      'x-ratelimit-limit-requests': '500',
      'x-ratelimit-limit-tokens': '200000',
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-remaining-tokens': '199000',
      'x-ratelimit-reset-requests': wait,
      'x-ratelimit-reset-tokens': '300ms',
    },
  });
}
