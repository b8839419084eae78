// Amazon Bedrock: conversations by Converse or InvokeModel, vectors by InvokeModel, counts by CountTokens. Credentials are a Bedrock
// API key, sent as it is, or access keys, by which each request is signed.

import { anthropicMessagesTarget } from '../../codecs/anthropic-messages/target.ts';
import { bedrockErrors } from '../../codecs/bedrock-converse/decode-error.ts';
import { createConverseTarget, createConverseTokenCount } from '../../codecs/bedrock-converse/target.ts';
import { headerLine } from '../../openai-compatible.ts';
import type { Operation } from '../../operation.ts';
import type { ProviderAdapter, ProviderCall, ProviderDefinition, TranslationTarget } from '../../provider.ts';
import { BEDROCK_OPTIONS, type BedrockConfig, converseOptions, isInvoked } from './bedrock-config.ts';
import { toInvokeTarget } from './invoke-anthropic.ts';
import { embeddingsCodecOf } from './invoke-embeddings.ts';
import { createSigner } from './signature.ts';

const OPERATIONS: readonly Operation[] = ['chat', 'embeddings', 'count-tokens'];

function baseUrlOf({ region }: BedrockConfig): string | undefined {
  if (region === undefined) return undefined;
  return `https://bedrock-runtime.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

/** Where only an address was given: as it says, else where AWS began. */
function regionOf({ region }: BedrockConfig, authority: string): string {
  return region ?? /^bedrock-runtime(?:-fips)?\.([a-z0-9-]+)\./.exec(authority)?.[1] ?? 'us-east-1';
}

/** One segment of a path, as AWS's own clients write it: ids have colons, ARNs slashes too. */
function encodedModel(model: string): string {
  // Dots alone would be walked.
  if (/^\.{1,2}$/.test(model)) return model.replaceAll('.', '%2E');
  return encodeURIComponent(model.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function embeddingsTarget(model: string): TranslationTarget | undefined {
  const codec = embeddingsCodecOf(model);
  if (codec === undefined) return undefined;
  return {
    path: `/model/${encodedModel(model)}/invoke`,
    query: '',
    codec: { kind: 'embeddings', codec },
    framing: 'aws-event-stream',
  };
}

function translation(config: BedrockConfig, call: ProviderCall): TranslationTarget | undefined {
  const { operation, model, stream, limits } = call;
  if (operation === 'embeddings') return embeddingsTarget(model);
  const at = { query: '', framing: 'aws-event-stream' } as const;
  const path = `/model/${encodedModel(model)}`;
  if (operation === 'chat' && isInvoked(config, model)) {
    const method = stream ? 'invoke-with-response-stream' : 'invoke';
    const codec = toInvokeTarget(anthropicMessagesTarget(model, limits));
    return { ...at, path: `${path}/${method}`, codec: { kind: 'chat', codec } };
  }
  const options = converseOptions(config, model);
  if (operation === 'count-tokens')
    return {
      ...at,
      path: `${path}/count-tokens`,
      codec: { kind: 'token-count', codec: createConverseTokenCount(options) },
    };
  if (operation !== 'chat') return undefined;
  const method = stream ? 'converse-stream' : 'converse';
  return { ...at, path: `${path}/${method}`, codec: { kind: 'chat', codec: createConverseTarget(options) } };
}

function signed(config: BedrockConfig, accessKeyId: string): NonNullable<ProviderAdapter['sign']> {
  const signers = new Map<string, ReturnType<typeof createSigner>>();
  return (request, secret) => {
    // Without a secret the client's own credential travels.
    if (secret === undefined) return '';
    const region = regionOf(config, request.authority);
    const key = `${region} ${secret}`;
    const credentials = { accessKeyId, secretAccessKey: secret, sessionToken: config.session_token };
    const signer = signers.get(key) ?? createSigner(credentials, region);
    // Regions come from endpoints, secrets from the configuration: both are few.
    signers.set(key, signer);
    return signer(request);
  };
}

function compile(config: BedrockConfig): ProviderAdapter {
  const { access_key_id } = config;
  return {
    operations: OPERATIONS,
    passes: () => false,
    path: () => undefined,
    hasModelInPath: true,
    translation: (call) => translation(config, call),
    errors: bedrockErrors,
    credentialLines: (secret) =>
      access_key_id !== undefined || secret === undefined ? '' : headerLine('authorization', `Bearer ${secret}`),
    ...(access_key_id !== undefined && { sign: signed(config, access_key_id) }),
    acceptsStreamOptions: false,
  };
}

export const bedrock: ProviderDefinition<BedrockConfig> = {
  name: 'bedrock',
  summary: 'Amazon Bedrock, by an API key of Bedrock or by access keys of AWS.',
  defaultBaseUrl: undefined,
  keyVariables: ['AWS_BEARER_TOKEN_BEDROCK', 'AWS_SECRET_ACCESS_KEY'],
  baseUrlVariables: ['AWS_ENDPOINT_URL_BEDROCK_RUNTIME'],
  baseUrlOf,
  optionVariables: {
    region: { variables: ['AWS_REGION', 'AWS_DEFAULT_REGION'] },
    access_key_id: { variables: ['AWS_ACCESS_KEY_ID'], besideKey: 'AWS_SECRET_ACCESS_KEY' },
    session_token: { variables: ['AWS_SESSION_TOKEN'], besideKey: 'AWS_SECRET_ACCESS_KEY' },
  },
  schema: BEDROCK_OPTIONS,
  examples: [
    { title: 'With an API key of Bedrock', config: { region: 'us-east-1', api: 'converse' } },
    { title: 'Anthropic’s models in their own words', config: { region: 'us-east-1', api: 'invoke' } },
    {
      title: 'With access keys and a guardrail',
      config: {
        region: 'eu-central-1',
        access_key_id: 'AKIDEXAMPLE000000000',
        api: 'converse',
        guardrail: { id: 'abc123', version: '1' },
      },
    },
  ],
  speaks: [],
  compile,
};
