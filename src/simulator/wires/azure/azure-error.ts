// Errors as Azure writes them: OpenAI's shape, but with codes of its own and the content filter's findings inside.
import { jsonAnswer, type WholeAnswer } from '../../answer.ts';
import { openaiError, openaiRefusal } from '../../openai-error.ts';
import { type Refusal, retryAfterSeconds } from '../../refusal.ts';
import type { ErrorHints } from '../../wire.ts';

/** The service in front of the models knows only numbers as codes. */
export function azureError(status: number, message: string, hints: ErrorHints = {}): WholeAnswer {
  const { code = String(status), headers } = hints;
  if (hints.param !== undefined) return openaiError(status, message, hints);
  const answer = jsonAnswer(status, { error: { code, message } });
  return headers === undefined ? answer : { ...answer, headers };
}

export function azureRefusal(refusal: Refusal): WholeAnswer {
  switch (refusal.kind) {
    case 'status':
      return byStatus(refusal.status);
    case 'rate-limit': {
      const seconds = retryAfterSeconds(refusal.retryAfterMs);
      const message = `Requests have exceeded the call rate limit of your current tier. Please retry after ${seconds} seconds.`;
      return azureError(429, message, {
        headers: {
          'retry-after': seconds,
          'retry-after-ms': String(refusal.retryAfterMs),
          'x-ratelimit-remaining-requests': '0',
          'x-ratelimit-remaining-tokens': '199000',
        },
      });
    }
    case 'quota':
      return azureError(403, 'Out of call volume quota.');
    case 'context-window':
      return openaiRefusal(refusal);
    case 'content-policy':
      return filtered();
  }
}

const MESSAGE_OF: Readonly<Record<number, string>> = {
  401: 'Access denied due to invalid subscription key or wrong API endpoint.',
  404: 'The API deployment for this resource does not exist.',
};

function byStatus(status: number): WholeAnswer {
  if (status === 404) return azureError(404, MESSAGE_OF[404], { code: 'DeploymentNotFound' });
  const message = MESSAGE_OF[status];
  return message === undefined ? openaiRefusal({ kind: 'status', status }) : azureError(status, message);
}

/** 400 with the categories that struck. */
function filtered(): WholeAnswer {
  const message =
    "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry.";
  const found = { filtered: true, severity: 'high' };
  const innererror = { code: 'ResponsibleAIPolicyViolation', content_filter_result: { violence: found } };
  const error = { message, type: null, param: 'prompt', code: 'content_filter', status: 400, innererror };
  return jsonAnswer(400, { error });
}

export function azureInBandError(): WholeAnswer {
  const message = 'The server had an error while processing your request. Sorry about that!';
  return openaiError(200, message, { type: 'server_error' });
}
