// Google's wire, of the Gemini API and of Vertex: a model and a verb in the path, the key in a field or the query.
import { type Answer, jsonAnswer } from '../../answer.ts';
import { servedModels } from '../../operations/models.ts';
import { decodeSegment, type FoundOperation, type RequestHead, type Wire } from '../../wire.ts';
import { answerBatchEmbed, answerEmbed, answerPredict } from './embed-content.ts';
import { geminiError, geminiRefusal, KEY_INVALID, UNAVAILABLE } from './gemini-error.ts';
import { answerGenerate, answerTokenCount } from './generate-content.ts';

/** `/v1beta/models/x:verb`, `/v1/projects/p/locations/l/publishers/google/models/x:verb`. */
const VERB = /^\/v1(?:beta\d*|alpha)?\/(?:.+\/)?models\/([^/]+):([A-Za-z]+)$/;
const MODELS = /^\/v1(beta|alpha)?\/models(?:\/([^/:]+))?$/;

export function createGeminiWire(): Wire {
  return {
    name: 'gemini',
    find,
    denies(head, requireKey) {
      if (requireKey === undefined) return undefined;
      const given = credentialOf(head);
      if (given === undefined) {
        return geminiError(403, "Method doesn't allow unregistered callers (callers without established identity).");
      }
      return given === requireKey ? undefined : KEY_INVALID;
    },
    error: geminiError,
    refuse: geminiRefusal,
    inBandError: () => jsonAnswer(200, UNAVAILABLE),
    fields: (_, elapsedMs) => ({ 'server-timing': `gfet4t7; dur=${elapsedMs}`, vary: 'Origin' }),
  };
}

function credentialOf({ headers, query }: RequestHead): string | undefined {
  const key = headers['x-goog-api-key'] ?? query.get('key') ?? headers.authorization?.replace(/^Bearer /, '');
  return key?.toString();
}

function find(head: RequestHead): FoundOperation | undefined {
  const verb = VERB.exec(head.path);
  if (verb !== null) return findVerb(head, decodeSegment(verb[1]), verb[2]);
  const models = MODELS.exec(head.path);
  if (models === null) return undefined;
  const [, version, id] = models;
  // `/v1/models` is OpenAI's too: how the key comes tells them apart.
  const hasGoogleKey = head.headers['x-goog-api-key'] !== undefined || head.query.has('key');
  if (version === undefined && !hasGoogleKey) return undefined;
  return { kind: 'bare', answer: () => (id === undefined ? listing() : jsonAnswer(200, toModel(decodeSegment(id)))) };
}

function findVerb({ method, query }: RequestHead, model: string, verb: string): FoundOperation {
  if (method !== 'POST') return { kind: 'bare', answer: () => geminiError(404, `${method} is not allowed here.`) };
  switch (verb) {
    case 'generateContent':
      return { kind: 'json', model, stream: false, refusesItself, answer: (input) => answerGenerate(input, undefined) };
    case 'streamGenerateContent': {
      const form = query.get('alt') === 'sse' ? 'sse' : 'json-array';
      return { kind: 'json', model, stream: true, refusesItself, answer: (input) => answerGenerate(input, form) };
    }
    case 'countTokens':
      return { kind: 'json', model, answer: answerTokenCount };
    case 'embedContent':
      return { kind: 'json', model, answer: answerEmbed };
    case 'batchEmbedContents':
      return { kind: 'json', model, answer: answerBatchEmbed };
    case 'predict':
      return { kind: 'json', model, answer: answerPredict };
    default:
      return { kind: 'bare', answer: () => geminiError(404, `The method ${verb} does not exist.`) };
  }
}

function refusesItself({ kind }: { readonly kind: string }): boolean {
  return kind === 'content-policy';
}

function listing(): Answer {
  return jsonAnswer(200, { models: servedModels().map(toModel) });
}

function toModel(id: string): object {
  return {
    name: `models/${id}`,
    version: '001',
    displayName: id,
    inputTokenLimit: 1_048_576,
    outputTokenLimit: 65_536,
    supportedGenerationMethods: ['generateContent', 'countTokens', 'embedContent'],
  };
}
