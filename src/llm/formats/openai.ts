// The OpenAI wire format as clients speak it: which operation a path asks for, and errors as the official SDKs show them.
import type { ErrorCode } from '../../errors/codes.ts';
import { ERROR_CODES } from '../../errors/codes.ts';
import type { ChatClientCodec } from '../codec.ts';
import { openaiChatClient } from '../codecs/openai-chat/openai-chat.ts';
import { openaiCompletionsClient } from '../codecs/openai-completions/openai-completions.ts';
import { openaiEmbeddingsClient } from '../codecs/openai-embeddings/openai-embeddings.ts';
import { openaiResponsesClient } from '../codecs/openai-responses/client-codec.ts';
import type { ClientFormat } from '../format.ts';
import { modelEntry, modelsListing } from '../models-listing.ts';
import type { Operation } from '../operation.ts';
import type { ProviderError } from '../response.ts';

/** Paths that are asked with POST, the most frequent first. `/chat/completions` stands before `/completions`, which it ends with. */
const POSTED: readonly (readonly [suffix: string, operation: Operation])[] = [
  ['/chat/completions', 'chat'],
  ['/responses', 'responses'],
  ['/embeddings', 'embeddings'],
  ['/completions', 'completions'],
  ['/images/generations', 'images'],
  ['/images/edits', 'images'],
  ['/images/variations', 'images'],
  ['/audio/speech', 'speech'],
  ['/audio/transcriptions', 'transcription'],
  ['/rerank', 'rerank'],
];

const RESPONSES = '/responses/';
const MODELS = '/models';

/** `/responses/{id}` and what stands below it: one segment, with one known word behind it at most. */
function isStoredResponse(method: string, path: string): boolean {
  const at = path.lastIndexOf(RESPONSES);
  if (at === -1) return false;
  const rest = path.slice(at + RESPONSES.length);
  const slash = rest.indexOf('/');
  const id = slash === -1 ? rest : rest.slice(0, slash);
  if (id === '') return false;
  if (slash === -1) return method === 'GET' || method === 'DELETE';
  const below = rest.slice(slash + 1);
  return (below === 'cancel' && method === 'POST') || (below === 'input_items' && method === 'GET');
}

/** `/models` and `/models/{id}`; ids of some providers hold slashes. */
function isModels(path: string): boolean {
  if (path.endsWith(MODELS)) return true;
  const at = path.indexOf(`${MODELS}/`);
  return at !== -1 && at + MODELS.length + 1 < path.length;
}

function detect(method: string, path: string): Operation | undefined {
  if (method === 'POST') {
    for (const [suffix, operation] of POSTED) if (path.endsWith(suffix)) return operation;
  } else if (method === 'GET' && isModels(path)) return 'models';
  return isStoredResponse(method, path) ? 'responses' : undefined;
}

/** OpenAI's `type` of an error: what SDKs and applications branch on besides the status. */
export function errorType(status: number): string {
  if (status >= 500) return 'server_error';
  if (status === 401) return 'authentication_error';
  if (status === 403) return 'permission_error';
  if (status === 429) return 'rate_limit_error';
  return 'invalid_request_error';
}

function isAboutModel(code: ErrorCode): boolean {
  return code === 'model.not-found' || code === 'request.model-missing';
}

/** The one code applications look for by OpenAI's own name; the others keep ours, which the documentation lists. */
function codeText(code: ErrorCode): string {
  return code === 'model.not-found' ? 'model_not_found' : code;
}

/** The request id stands in the message because that is all most applications log of an SDK's exception. */
function encodeError(status: number, code: ErrorCode, detail: string, requestId: string): string {
  const { title } = ERROR_CODES[code];
  const message = `${detail === '' ? title : `${title}: ${detail}`} (request id ${requestId})`;
  const param = isAboutModel(code) ? 'model' : null;
  return JSON.stringify({ error: { message, type: errorType(status), param, code: codeText(code) } });
}

function encodeProviderError({ type, code, message, param }: ProviderError, requestId: string): string {
  const error = { message: `${message} (request id ${requestId})`, type, param: param ?? null, code: code ?? null };
  return JSON.stringify({ error });
}

/** How its requests are understood where the provider speaks another wire. */
const CHAT_CODECS: Partial<Record<Operation, ChatClientCodec>> = {
  chat: openaiChatClient,
  completions: openaiCompletionsClient,
  responses: openaiResponsesClient,
};

export const openai: ClientFormat = {
  name: 'openai',
  detect,
  address: undefined,
  chatCodec: (operation) => CHAT_CODECS[operation],
  embeddingsCodec: openaiEmbeddingsClient,
  tokenCountCodec: undefined,
  encodeModels: modelsListing,
  encodeModel: modelEntry,
  rateLimitStyle: 'openai',
  encodeError,
  encodeProviderError,
};
