// Google's API as clients speak it: model and method stand in the path (`/v1beta/models/gemini-2.5-flash:generateContent`), under any
// version and below Vertex's project and location. The key may stand in the query; it never travels on.
import { ERROR_CODES, type ErrorCode } from '../../errors/codes.ts';
import type { RequestAddress } from '../codec.ts';
import { geminiTokenCountClient } from '../codecs/gemini/count-tokens.ts';
import { geminiEmbeddingsClient } from '../codecs/gemini/embeddings-client.ts';
import { geminiClient } from '../codecs/gemini/gemini.ts';
import { geminiModelEntry, geminiModelsListing } from '../codecs/gemini/models-listing.ts';
import type { ClientFormat, FieldLookup } from '../format.ts';
import { encodeErrorBody, errorInfo, statusWord } from '../google-error.ts';
import type { Operation } from '../operation.ts';
import type { ProviderError } from '../response.ts';

/** Methods of a model, which stand behind a colon. */
const METHODS: readonly (readonly [suffix: string, operation: Operation])[] = [
  [':streamGenerateContent', 'chat'],
  [':generateContent', 'chat'],
  [':batchEmbedContents', 'embeddings'],
  [':embedContent', 'embeddings'],
  [':countTokens', 'count-tokens'],
];
/** Vertex predicts with models of all kinds; of texts it makes vectors with these. */
const PREDICTED = /\/models\/[^/]*embedding[^/:]*:predict$/;

const COLLECTIONS = ['/models/', '/tunedModels/'];
/** Google's version in front tells its listing from OpenAI's. */
const OWN_LISTING = /\/(?:v\d+(?:alpha|beta)\d*|publishers\/google)\/models(?:\/[^/:]+)?$/;
const ANY_LISTING = /\/models(?:\/[^/:]+)?$/;

function detectRead(path: string, field: FieldLookup | undefined): Operation | undefined {
  if (OWN_LISTING.test(path)) return 'models';
  const isGoogle = field?.('x-goog-api-key') !== undefined || field?.('x-goog-api-client') !== undefined;
  return isGoogle && ANY_LISTING.test(path) ? 'models' : undefined;
}

function detect(method: string, path: string, field?: FieldLookup): Operation | undefined {
  if (method === 'GET') return detectRead(path, field);
  if (method !== 'POST' || !path.includes(':')) return undefined;
  for (const [suffix, operation] of METHODS) if (path.endsWith(suffix) && modelIn(path) !== undefined) return operation;
  return PREDICTED.test(path) ? 'embeddings' : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // not an encoding: the name as it stands, which no provider will know
  }
}

/** Between the collection and the method; tuned models keep their collection, which is part of their name. */
function modelIn(path: string): string | undefined {
  const colon = path.lastIndexOf(':');
  for (const collection of COLLECTIONS) {
    const at = path.lastIndexOf(collection);
    if (at === -1 || colon <= at + collection.length) continue;
    const name = decoded(path.slice(at + collection.length, colon));
    return collection === '/models/' ? name : `tunedModels/${name}`;
  }
  return undefined;
}

/** Whether the query has `alt=sse`. Without it Google streams one JSON array. */
function wantsEvents(query: string): boolean {
  return /(?:^|&)(?:alt|%24alt|\$alt)=sse(?:&|$)/.test(query);
}

function address(path: string, query: string): RequestAddress {
  const stream = path.endsWith(':streamGenerateContent');
  return { model: modelIn(path), stream, ...(stream && !wantsEvents(query) ? { streamsArray: true } : {}) };
}

function encodeError(status: number, code: ErrorCode, detail: string, requestId: string): string {
  const { title } = ERROR_CODES[code];
  const message = `${detail === '' ? title : `${title}: ${detail}`} (request id ${requestId})`;
  const details = [errorInfo(code, { request_id: requestId })];
  return JSON.stringify({ error: { code: status, message, status: statusWord(status), details } });
}

function encodeProviderError(error: ProviderError, requestId: string): string {
  return JSON.stringify(
    encodeErrorBody({ ...error, message: `${error.message} (request id ${requestId})` }, requestId),
  );
}

export const gemini: ClientFormat = {
  name: 'gemini',
  detect,
  address,
  chatCodec: (operation) => (operation === 'chat' || operation === 'count-tokens' ? geminiClient : undefined),
  embeddingsCodec: geminiEmbeddingsClient,
  tokenCountCodec: geminiTokenCountClient,
  encodeModels: geminiModelsListing,
  encodeModel: geminiModelEntry,
  encodeError,
  encodeProviderError,
};
