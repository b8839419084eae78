// Vertex AI of Google Cloud: Gemini's models by `generateContent`, vectors by `predict`, Anthropic's models by `rawPredict`.
// Credentials are tokens of a service account or of the machine, renewed by upstream/credentials/.
import { s } from '../../../schema/builder.ts';
import { vertexTokenCountTarget } from '../../codecs/gemini/count-tokens.ts';
import { vertexEmbeddingsTarget } from '../../codecs/gemini/embeddings-target.ts';
import { geminiTarget } from '../../codecs/gemini/gemini.ts';
import { generateMethod, modelPath, targetAt } from '../../google-provider.ts';
import type { Operation } from '../../operation.ts';
import type {
  ProviderAdapter,
  ProviderCall,
  ProviderDefinition,
  TargetCodec,
  TokenNeed,
  TranslationTarget,
} from '../../provider.ts';
import { isAnthropicModel, rawPredictTarget, rawPredictTokenCount, vertexErrors } from './raw-predict.ts';

const OPERATIONS: readonly Operation[] = ['chat', 'embeddings', 'count-tokens'];
const PASSED: readonly Operation[] = ['chat', 'count-tokens'];
const TOKEN: TokenNeed = { kind: 'google', scopes: ['https://www.googleapis.com/auth/cloud-platform'] };

export interface VertexConfig {
  readonly project: string;
  readonly location: string;
}

const PROJECT = {
  pattern: /^(?:[a-z0-9.-]+:)?[a-z0-9][a-z0-9-]{1,62}$/,
  expected: 'a project id such as my-project-123',
};
const LOCATION = { pattern: /^[a-z]+(?:-[a-z]+\d+)?$/, expected: 'a location such as europe-west4, eu, us or global' };

/** Regions have hosts of their own, `global` has none, and the two multi-regions are replicated. */
export function vertexHost(location: string): string {
  if (location === 'global') return 'aiplatform.googleapis.com';
  if (location === 'eu' || location === 'us') return `aiplatform.${location}.rep.googleapis.com`;
  return `${location}-aiplatform.googleapis.com`;
}

interface Asked {
  readonly model: string;
  readonly isStream: boolean;
}

function googleMethod(operation: Operation, isStream: boolean): string | undefined {
  switch (operation) {
    case 'chat':
      return generateMethod(isStream);
    case 'embeddings':
      return 'predict';
    case 'count-tokens':
      return 'countTokens';
    default:
      return undefined;
  }
}

function anthropicPath(operation: Operation, { model, isStream }: Asked): string | undefined {
  if (operation === 'count-tokens') return '/publishers/anthropic/models/count-tokens:rawPredict';
  const method = isStream ? 'streamRawPredict' : 'rawPredict';
  return operation === 'chat' ? `/publishers/anthropic${modelPath(model)}:${method}` : undefined;
}

function googlePath(operation: Operation, { model, isStream }: Asked): string | undefined {
  const method = googleMethod(operation, isStream);
  return method === undefined ? undefined : `/publishers/google${modelPath(model)}:${method}`;
}

function pathOf({ project, location }: VertexConfig, operation: Operation, asked: Asked): string | undefined {
  const path = (isAnthropicModel(asked.model) ? anthropicPath : googlePath)(operation, asked);
  return path === undefined ? undefined : `/v1/projects/${project}/locations/${location}${path}`;
}

function codecFor(operation: Operation, { model, limits }: ProviderCall): TargetCodec {
  const isAnthropic = isAnthropicModel(model);
  if (operation === 'embeddings') return { kind: 'embeddings', codec: vertexEmbeddingsTarget };
  if (operation === 'count-tokens')
    return { kind: 'token-count', codec: isAnthropic ? rawPredictTokenCount : vertexTokenCountTarget };
  return { kind: 'chat', codec: isAnthropic ? rawPredictTarget(model, limits) : geminiTarget };
}

function translationAt(config: VertexConfig, call: ProviderCall): TranslationTarget | undefined {
  const { operation, model, stream } = call;
  const wanted = operation === 'completions' || operation === 'responses' ? 'chat' : operation;
  const path = pathOf(config, wanted, { model, isStream: stream });
  if (path === undefined) return undefined;
  const isEventQuery = wanted === 'chat' && stream && !isAnthropicModel(model);
  return targetAt(path, codecFor(wanted, call), isEventQuery);
}

function compile(config: VertexConfig): ProviderAdapter {
  return {
    operations: OPERATIONS,
    passes: (format, operation, model) => format === 'gemini' && PASSED.includes(operation) && !isAnthropicModel(model),
    path: (operation, model, isStream = false) => pathOf(config, operation, { model, isStream }),
    hasModelInPath: true,
    translation: (call) => translationAt(config, call),
    errors: vertexErrors,
    // The secret is a key file, of which tokens are made: it is never sent.
    credentialLines: () => '',
    tokenNeed: TOKEN,
    acceptsStreamOptions: false,
  };
}

export const vertex: ProviderDefinition<VertexConfig> = {
  name: 'vertex',
  summary: 'Vertex AI of Google Cloud, by a service account’s key file or the credentials of the machine.',
  defaultBaseUrl: undefined,
  keyVariables: [],
  baseUrlVariables: ['GOOGLE_VERTEX_BASE_URL'],
  optionVariables: {
    project: { variables: ['GOOGLE_CLOUD_PROJECT'] },
    location: { variables: ['GOOGLE_CLOUD_LOCATION'] },
  },
  baseUrlOf: ({ location }) => `https://${vertexHost(location)}`,
  schema: s.object({
    project: s.string('Project of Google Cloud that pays.', PROJECT),
    location: s.withDefault(s.string('Where models run: a region, us, eu or global.', LOCATION), 'global'),
  }),
  examples: [
    { title: 'Wherever there is capacity', config: { project: 'my-project', location: 'global' } },
    { title: 'In one region', config: { project: 'my-project', location: 'europe-west4' } },
  ],
  speaks: ['gemini'],
  compile,
};
