// The Gemini API of Google, with the address, the key and the environment variables of its official SDK.
import { invariant } from '../../../errors/bug.ts';
import { s } from '../../../schema/builder.ts';
import { geminiTokenCountTarget } from '../../codecs/gemini/count-tokens.ts';
import { geminiErrors } from '../../codecs/gemini/decode-error.ts';
import { geminiEmbeddingsTarget } from '../../codecs/gemini/embeddings-target.ts';
import { geminiTarget } from '../../codecs/gemini/gemini.ts';
import { generateMethod, isFieldValue, modelPath, queryWithoutKey, targetAt } from '../../google-provider.ts';
import type { Operation } from '../../operation.ts';
import type { ProviderAdapter, ProviderCall, ProviderDefinition, TranslationTarget } from '../../provider.ts';

const OPERATIONS: readonly Operation[] = ['chat', 'embeddings', 'count-tokens', 'models'];
/** Embeddings are always written anew: their bodies name the model a second time. */
const PASSED: readonly Operation[] = ['chat', 'count-tokens', 'models'];

function path(operation: Operation, model: string, isStream = false): string | undefined {
  switch (operation) {
    case 'chat':
      return `${modelPath(model)}:${generateMethod(isStream)}`;
    case 'embeddings':
      return `${modelPath(model)}:batchEmbedContents`;
    case 'count-tokens':
      return `${modelPath(model)}:countTokens`;
    case 'models':
      return '/models';
    default:
      return undefined;
  }
}

function translation({ operation, model, stream }: ProviderCall): TranslationTarget | undefined {
  const at = path(operation === 'completions' || operation === 'responses' ? 'chat' : operation, model, stream);
  if (at === undefined || operation === 'models') return undefined;
  if (operation === 'embeddings') return targetAt(at, { kind: 'embeddings', codec: geminiEmbeddingsTarget });
  if (operation === 'count-tokens') return targetAt(at, { kind: 'token-count', codec: geminiTokenCountTarget });
  return targetAt(at, { kind: 'chat', codec: geminiTarget }, stream);
}

function credentialLines(secret: string | undefined): string {
  if (secret === undefined) return '';
  invariant(isFieldValue(secret), 'the key of google cannot stand in a header field');
  return `x-goog-api-key: ${secret}\r\n`;
}

const adapter: ProviderAdapter = {
  operations: OPERATIONS,
  passes: (format, operation) => format === 'gemini' && PASSED.includes(operation),
  path,
  passedQuery: queryWithoutKey,
  hasModelInPath: true,
  translation,
  errors: geminiErrors,
  credentialLines,
  acceptsStreamOptions: false,
};

export const google: ProviderDefinition<Readonly<Record<never, never>>> = {
  name: 'google',
  summary: 'The Gemini API of Google, by API key.',
  defaultBaseUrl: 'https://generativelanguage.googleapis.com/v1beta',
  keyVariables: ['GOOGLE_API_KEY', 'GEMINI_API_KEY'],
  baseUrlVariables: ['GOOGLE_GEMINI_BASE_URL'],
  schema: s.object({}),
  examples: [{ title: 'With the key of the environment', config: {} }],
  speaks: ['gemini'],
  compile: () => adapter,
};
