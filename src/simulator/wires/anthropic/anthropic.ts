// Anthropic's wire: messages, token counts, models; the key in `x-api-key` (or a bearer token), the version in a field of its own.
import { type Answer, jsonAnswer, type OperationInput } from '../../answer.ts';
import { servedModels } from '../../operations/models.ts';
import { PromptCache } from '../../prompt-cache.ts';
import { decodeSegment, type FoundOperation, type RequestHead, type Wire } from '../../wire.ts';
import { anthropicError, anthropicRefusal } from './anthropic-error.ts';
import { answerMessages, answerTokenCount } from './messages.ts';

const MODELS = /^\/v1\/models(?:\/(.+))?$/;
const VERSION = 'anthropic-version';

export function createAnthropicWire(): Wire {
  const cache = new PromptCache();
  const posts: ReadonlyMap<string, (input: OperationInput) => Answer> = new Map([
    ['/v1/messages', (input: OperationInput) => answerMessages(input, cache)],
    ['/v1/messages/count_tokens', answerTokenCount],
  ]);
  return {
    name: 'anthropic',
    find: (head) => find(head, posts),
    denies({ headers }, requireKey) {
      const { authorization } = headers;
      const isKnown = headers['x-api-key'] === requireKey || authorization === `Bearer ${requireKey}`;
      if (requireKey !== undefined && !isKnown) return anthropicError(401, 'invalid x-api-key');
      return headers[VERSION] === undefined ? anthropicError(400, `${VERSION}: header is required`) : undefined;
    },
    error: anthropicError,
    refuse: anthropicRefusal,
    inBandError: () => ({ ...anthropicError(529, 'Overloaded'), status: 200 }),
    fields: (requestNumber) => ({
      'request-id': `req_sim${requestNumber}`,
      'anthropic-organization-id': 'org-simulator',
    }),
  };
}

/** `/v1/models` is OpenAI's too: the version field tells them apart. */
function find(
  head: RequestHead,
  posts: ReadonlyMap<string, (input: OperationInput) => Answer>,
): FoundOperation | undefined {
  const { method, path, headers } = head;
  const answer = posts.get(path);
  if (answer !== undefined) {
    if (method === 'POST') return { kind: 'json', answer };
    return { kind: 'bare', answer: () => anthropicError(405, 'Method Not Allowed') };
  }
  const models = MODELS.exec(path);
  if (models === null || headers[VERSION] === undefined || method !== 'GET') return undefined;
  return {
    kind: 'bare',
    answer: () => (models[1] === undefined ? listing() : jsonAnswer(200, toModel(decodeSegment(models[1])))),
  };
}

function listing(): Answer {
  const data = servedModels().map(toModel);
  return jsonAnswer(200, { data, has_more: false, first_id: servedModels()[0], last_id: servedModels().at(-1) });
}

function toModel(id: string): object {
  return { type: 'model', id, display_name: id, created_at: '2026-01-01T00:00:00Z' };
}
