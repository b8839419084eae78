// Errors as Google's APIs write them (google.rpc.Status), for real mistakes of the client and for the faults that imitate a refusal.
import { jsonAnswer, type WholeAnswer } from '../../answer.ts';
import type { Refusal } from '../../refusal.ts';
import type { ErrorHints } from '../../wire.ts';

const STATUS_OF: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  500: 'INTERNAL',
  501: 'UNIMPLEMENTED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

const MESSAGE_OF: Readonly<Record<number, string>> = {
  401: 'Request had invalid authentication credentials.',
  403: 'Permission denied on the resource.',
  404: 'The model is not found for this API version, or is not supported for this method.',
  429: 'Resource has been exhausted (e.g. check quota).',
  503: 'The model is overloaded. Please try again later.',
};

const TYPE = 'type.googleapis.com/google.rpc';

function statusOf(status: number): string {
  return STATUS_OF[status] ?? (status >= 500 ? 'INTERNAL' : 'FAILED_PRECONDITION');
}

export function geminiStatus(code: number, message: string, details?: readonly object[]): object {
  return { error: { code, message, status: statusOf(code), details } };
}

export function geminiError(status: number, message: string, { headers }: ErrorHints = {}): WholeAnswer {
  const answer = jsonAnswer(status, geminiStatus(status, message));
  return headers === undefined ? answer : { ...answer, headers };
}

export const KEY_INVALID: WholeAnswer = jsonAnswer(
  400,
  geminiStatus(400, 'API key not valid. Please pass a valid API key.', [
    { '@type': `${TYPE}.ErrorInfo`, reason: 'API_KEY_INVALID', domain: 'googleapis.com' },
  ]),
);

/** What `error-in-stream` says. */
export const UNAVAILABLE = geminiStatus(503, MESSAGE_OF[503]);

/** `content-policy` is no refusal here: the operation answers 200 and says that the prompt is blocked. */
export function geminiRefusal(refusal: Refusal): WholeAnswer {
  switch (refusal.kind) {
    case 'status':
      return byStatus(refusal.status);
    case 'rate-limit':
      return jsonAnswer(429, geminiStatus(429, MESSAGE_OF[429], limitDetails(refusal.retryAfterMs)));
    case 'quota':
      return jsonAnswer(429, geminiStatus(429, QUOTA, [quotaFailure('GenerateRequestsPerDayPerProjectPerModel')]));
    case 'context-window':
      return geminiError(
        400,
        'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
      );
    case 'content-policy':
      return geminiError(400, 'The prompt is blocked by the content policy.');
  }
}

const QUOTA = 'You exceeded your current quota, please check your plan and billing details.';

function byStatus(status: number): WholeAnswer {
  if (status < 400)
    return geminiError(status, 'The simulator sends you elsewhere.', { headers: { location: '/moved' } });
  const fallback =
    status >= 500 ? 'An internal error has occurred.' : `The simulator refuses this request with ${status}.`;
  return geminiError(status, MESSAGE_OF[status] ?? fallback);
}

/** Google says when to come back in the body, not in a header field. */
function limitDetails(retryAfterMs: number): readonly object[] {
  const retry = { '@type': `${TYPE}.RetryInfo`, retryDelay: `${retryAfterMs / 1000}s` };
  return [quotaFailure('GenerateRequestsPerMinutePerProjectPerModel'), retry];
}

function quotaFailure(quotaId: string): object {
  const quotaMetric = 'generativelanguage.googleapis.com/generate_content_requests';
  return { '@type': `${TYPE}.QuotaFailure`, violations: [{ quotaMetric, quotaId, quotaValue: '10' }] };
}
