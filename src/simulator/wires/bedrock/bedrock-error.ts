// Errors as Bedrock writes them: the exception's name in a field, its message in the body.
import { jsonAnswer, type StreamEvent, type WholeAnswer } from '../../answer.ts';
import { type Refusal, retryAfterSeconds } from '../../refusal.ts';
import type { ErrorHints } from '../../wire.ts';
import type { Denial } from './signature.ts';

const NAME_OF: Readonly<Record<number, string>> = {
  400: 'ValidationException',
  403: 'AccessDeniedException',
  404: 'ResourceNotFoundException',
  408: 'ModelTimeoutException',
  424: 'ModelErrorException',
  429: 'ThrottlingException',
  500: 'InternalServerException',
  503: 'ServiceUnavailableException',
};

const MESSAGE_OF: Readonly<Record<number, string>> = {
  403: "You don't have access to the model with the specified model ID.",
  404: 'Could not resolve the foundation model from the provided model identifier.',
  408: 'The model took too long to answer.',
  429: 'Too many requests, please wait before trying again.',
  503: 'Bedrock is unable to process your request.',
};

const TOO_FAST = 'Too many tokens, please wait before trying again.';
const INTERNAL = 'The system encountered an unexpected error during processing. Try your request again.';

function exception(status: number, name: string, message: string): WholeAnswer {
  return { ...jsonAnswer(status, { message }), headers: { 'x-amzn-errortype': name } };
}

export function bedrockError(status: number, message: string, { headers }: ErrorHints = {}): WholeAnswer {
  const name = NAME_OF[status] ?? (status >= 500 ? 'InternalServerException' : 'ValidationException');
  const answer = exception(status, name, message);
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

export function bedrockRefusal(refusal: Refusal): WholeAnswer {
  switch (refusal.kind) {
    case 'status':
      return byStatus(refusal.status);
    case 'rate-limit':
      return bedrockError(429, TOO_FAST, { headers: { 'retry-after': retryAfterSeconds(refusal.retryAfterMs) } });
    case 'quota':
      return exception(
        400,
        'ServiceQuotaExceededException',
        'Your request exceeds the service quota for your account.',
      );
    case 'context-window':
      return bedrockError(400, 'Input is too long for requested model.');
    case 'content-policy':
      return bedrockError(400, 'The request was blocked by the content filter.');
  }
}

function byStatus(status: number): WholeAnswer {
  if (status < 400)
    return bedrockError(status, 'The simulator sends you elsewhere.', { headers: { location: '/moved' } });
  const fallback = status >= 500 ? INTERNAL : `The simulator refuses this request with ${status}.`;
  return bedrockError(status, MESSAGE_OF[status] ?? fallback);
}

export function bedrockDenial(denial: Denial): WholeAnswer {
  switch (denial) {
    case 'missing':
      return exception(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token');
    case 'malformed':
      return exception(
        403,
        'IncompleteSignatureException',
        'Authorization header requires Credential, SignedHeaders, Signature.',
      );
    case 'unknown':
      return exception(403, 'UnrecognizedClientException', 'The security token included in the request is invalid.');
    case 'mismatch': {
      const message = 'The request signature we calculated does not match the signature you provided.';
      return exception(403, 'InvalidSignatureException', message);
    }
  }
}

/** What a stream says when it fails. */
export function streamException(): StreamEvent {
  const data = JSON.stringify({ message: INTERNAL, originalStatusCode: 500, originalMessage: INTERNAL });
  return { kind: 'finish', event: 'modelStreamErrorException', exception: true, data };
}

/** A failure told inside a 200, in the older way of naming the exception. */
export function bedrockInBandError(): WholeAnswer {
  return jsonAnswer(200, { __type: 'InternalServerException', message: INTERNAL });
}
