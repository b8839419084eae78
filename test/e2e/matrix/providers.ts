// The provider kinds of the matrix: one backend each in front of one simulator, which checks that the gateway put the provider's own
// credential in the place of the client's.

/** For signatures it is an id and a secret, for everything else one key. */
export const PROVIDER_KEY = 'AKIDMATRIX0000000000:provider-secret-71c4';
const [ACCESS_KEY_ID, SECRET] = PROVIDER_KEY.split(':');

export interface ProviderKind {
  /** Column of the matrix, backend and route. */
  readonly name: string;
  /** In the registry of providers. */
  readonly provider: string;
  readonly hasEmbeddings: boolean;
  readonly embeddingModel: string;
  backend(simulatorUrl: string): object;
}

export const PROVIDER_KINDS: readonly ProviderKind[] = [
  {
    name: 'openai',
    provider: 'openai',
    hasEmbeddings: true,
    embeddingModel: 'text-embedding-3-small',
    backend: (url) => ({ base_url: `${url}/v1`, api_key: PROVIDER_KEY }),
  },
  {
    name: 'openai-compatible',
    provider: 'openai-compatible',
    hasEmbeddings: true,
    embeddingModel: 'bge-small',
    backend: (url) => ({ base_url: `${url}/v1`, api_key: PROVIDER_KEY }),
  },
  {
    name: 'azure',
    provider: 'azure',
    hasEmbeddings: true,
    embeddingModel: 'embedding-deployment',
    backend: (url) => ({ base_url: url, api_key: PROVIDER_KEY, options: { api_version: '2024-10-21' } }),
  },
  {
    name: 'anthropic',
    provider: 'anthropic',
    hasEmbeddings: false,
    embeddingModel: '',
    backend: (url) => ({ base_url: url, api_key: PROVIDER_KEY }),
  },
  {
    name: 'google',
    provider: 'google',
    hasEmbeddings: true,
    embeddingModel: 'gemini-embedding-001',
    backend: (url) => ({ base_url: url, api_key: PROVIDER_KEY }),
  },
  {
    name: 'bedrock',
    provider: 'bedrock',
    hasEmbeddings: true,
    embeddingModel: 'cohere.embed-english-v3',
    backend: (url) => ({
      base_url: url,
      api_key: SECRET,
      options: { region: 'eu-west-1', access_key_id: ACCESS_KEY_ID },
    }),
  },
];

/** Every client sends this field, so that any model name can be asked of any provider. */
export const PROVIDER_FIELD = 'x-matrix-provider';

export function matrixConfig(simulatorUrl: string, kinds: readonly ProviderKind[]): object {
  const backends = kinds.map(({ name, provider, backend }) => [name, { provider, ...backend(simulatorUrl) }]);
  const routes = kinds.map(({ name }) => {
    return { name, match: { path: '/*', headers: { [PROVIDER_FIELD]: name } }, backend: name };
  });
  return { backends: Object.fromEntries(backends), routes };
}
