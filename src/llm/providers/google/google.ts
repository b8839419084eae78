// The Gemini API of Google, with the address, the key and the environment variables of its official SDK.
import { invariant } from '../../../errors/bug.ts';
import { s } from '../../../schema/builder.ts';
import { geminiTokenCountTarget } from '../../codecs/gemini/count-tokens.ts';
import { geminiErrors } from '../../codecs/gemini/decode-error.ts';
import { geminiEmbeddingsTarget } from '../../codecs/gemini/embeddings-target.ts';
import { geminiTarget } from '../../codecs/gemini/gemini.ts';
import { generateMethod, isFieldValue, modelPath, targetAt } from '../../google-provider.ts';
import type { Operation } from '../../operation.ts';
import type { ProviderAdapter, ProviderCall, ProviderDefinition, TranslationTarget } from '../../provider.ts';

const OPERATIONS: readonly Operation[] = ['chat', 'embeddings', 'count-tokens', 'models'];
/** Embeddings are always written anew: their bodies name the model a second time. */
const PASSED: readonly Operation[] = ['chat', 'count-tokens', 'models'];

interface GoogleConfig {
  readonly api_version: 'v1beta' | 'v1' | 'v1alpha';
}

function pathOf(version: string, operation: Operation, asked: Asked): string | undefined {
  const model = `/${version}${modelPath(asked.model)}`;
  switch (operation) {
    case 'chat':
      return `${model}:${generateMethod(asked.isStream)}`;
    case 'embeddings':
      return `${model}:batchEmbedContents`;
    case 'count-tokens':
      return `${model}:countTokens`;
    case 'models':
      return `/${version}/models`;
    default:
      return undefined;
  }
}

interface Asked {
  readonly model: string;
  readonly isStream: boolean;
}

function translationAt(version: string, { operation, model, stream }: ProviderCall): TranslationTarget | undefined {
  const wanted = operation === 'completions' || operation === 'responses' ? 'chat' : operation;
  const path = pathOf(version, wanted, { model, isStream: stream });
  if (path === undefined || operation === 'models') return undefined;
  if (operation === 'embeddings') return targetAt(path, { kind: 'embeddings', codec: geminiEmbeddingsTarget });
  if (operation === 'count-tokens') return targetAt(path, { kind: 'token-count', codec: geminiTokenCountTarget });
  return targetAt(path, { kind: 'chat', codec: geminiTarget }, stream);
}

function credentialLines(secret: string | undefined): string {
  if (secret === undefined) return '';
  invariant(isFieldValue(secret), 'the key of google cannot stand in a header field');
  return `x-goog-api-key: ${secret}\r\n`;
}

function compile({ api_version: version }: GoogleConfig): ProviderAdapter {
  return {
    operations: OPERATIONS,
    passes: (format, operation) => format === 'gemini' && PASSED.includes(operation),
    path: (operation, model, isStream = false) => pathOf(version, operation, { model, isStream }),
    hasModelInPath: true,
    translation: (call) => translationAt(version, call),
    errors: geminiErrors,
    credentialLines,
    acceptsStreamOptions: false,
  };
}

export const google: ProviderDefinition<GoogleConfig> = {
  name: 'google',
  summary: 'The Gemini API of Google, by API key; base_url as in the official SDK, without the version.',
  defaultBaseUrl: 'https://generativelanguage.googleapis.com',
  keyVariables: ['GOOGLE_API_KEY', 'GEMINI_API_KEY'],
  baseUrlVariables: ['GOOGLE_GEMINI_BASE_URL'],
  schema: s.object({
    api_version: s.withDefault(
      s.choice(['v1beta', 'v1', 'v1alpha'], 'Version of the API; v1 lacks what is new.'),
      'v1beta',
    ),
  }),
  examples: [{ title: 'With the key of the environment', config: { api_version: 'v1beta' } }],
  speaks: ['gemini'],
  compile,
};
