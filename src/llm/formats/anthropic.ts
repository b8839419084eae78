// Anthropic's API as clients speak it: which operation a path asks for, and errors as the official SDKs show them.
import { ERROR_CODES, type ErrorCode } from '../../errors/codes.ts';
import { anthropicErrorBody, anthropicErrorType, anthropicTypeOf } from '../anthropic-error.ts';
import { anthropicMessagesClient } from '../codecs/anthropic-messages/client.ts';
import { anthropicTokenCountClient } from '../codecs/anthropic-messages/count-tokens.ts';
import type { ClientFormat, FieldLookup } from '../format.ts';
import { anthropicModelEntry, anthropicModelsListing } from '../models-listing.ts';
import type { Operation } from '../operation.ts';
import type { ProviderError } from '../response.ts';

const MESSAGES = '/messages';
const COUNT_TOKENS = '/messages/count_tokens';
/** OpenAI's messages of assistants, which end alike. */
const THREADS = '/threads/';
const MODELS = '/models';
/** What tells this API's clients from others at a path that several share. */
const VERSION_FIELD = 'anthropic-version';

function isModels(path: string): boolean {
  const at = path.lastIndexOf(MODELS);
  if (at === -1) return false;
  const rest = path.slice(at + MODELS.length);
  return rest === '' || (rest.startsWith('/') && rest.length > 1);
}

function detect(method: string, path: string, field?: FieldLookup): Operation | undefined {
  if (method === 'POST') {
    if (path.endsWith(MESSAGES)) return path.includes(THREADS) ? undefined : 'chat';
    return path.endsWith(COUNT_TOKENS) ? 'count-tokens' : undefined;
  }
  return method === 'GET' && isModels(path) && field?.(VERSION_FIELD) !== undefined ? 'models' : undefined;
}

/** The gateway's own code stands where the API names a cause; SDKs show it as `errorCode`. */
function encodeError(status: number, code: ErrorCode, detail: string, requestId: string): string {
  const { title } = ERROR_CODES[code];
  const message = detail === '' ? title : `${title}: ${detail}`;
  const error = anthropicErrorBody({ type: anthropicErrorType(status), message, code });
  return JSON.stringify({ type: 'error', error, request_id: requestId });
}

function encodeProviderError({ status, type, message, code }: ProviderError, requestId: string): string {
  const error = anthropicErrorBody({ type: anthropicTypeOf(type, status), message, code });
  return JSON.stringify({ type: 'error', error, request_id: requestId });
}

export const anthropic: ClientFormat = {
  name: 'anthropic',
  detect,
  address: undefined,
  chatCodec: (operation) =>
    operation === 'chat' || operation === 'count-tokens' ? anthropicMessagesClient : undefined,
  embeddingsCodec: undefined,
  tokenCountCodec: anthropicTokenCountClient,
  encodeModels: anthropicModelsListing,
  encodeModel: anthropicModelEntry,
  rateLimitStyle: 'anthropic',
  encodeError,
  encodeProviderError,
};
