// Anthropic itself, and whatever speaks its messages API at another address: credential, version, paths.
import { invariant } from '../../../errors/bug.ts';
import { s } from '../../../schema/builder.ts';
import { FIELD_VALUE } from '../../../wire/characters.ts';
import { anthropicTokenCountTarget } from '../../codecs/anthropic-messages/count-tokens.ts';
import { anthropicErrors } from '../../codecs/anthropic-messages/decode-error.ts';
import { anthropicMessagesTarget } from '../../codecs/anthropic-messages/target.ts';
import type { Operation } from '../../operation.ts';
import type { ProviderAdapter, ProviderCall, ProviderDefinition, TranslationTarget } from '../../provider.ts';
import { allowedBetas } from './beta-list.ts';

const PATHS: Partial<Record<Operation, string>> = {
  chat: '/v1/messages',
  'count-tokens': '/v1/messages/count_tokens',
  models: '/v1/models',
};
const OPERATIONS = Object.keys(PATHS) as Operation[];

/** The version whose requests and answers the codec writes and reads; a client's own wins where its bytes pass. */
const VERSION = '2023-06-01';
const VERSION_FIELDS: ReadonlyMap<string, string> = new Map([
  ['anthropic-version', `anthropic-version: ${VERSION}\r\n`],
]);

const BETA = { pattern: /^[\w.-]+$/, expected: 'a name such as context-1m-2025-08-07' };

/** A token of OAuth, and what the environment names so: sent as `Authorization` instead of `x-api-key`. */
const BEARER = 'Bearer ';
const OAUTH_TOKEN = 'sk-ant-oat';

function credentialLine(secret: string): string {
  const isSafe = secret !== '' && Buffer.from(secret).every((byte) => FIELD_VALUE[byte] === 1);
  invariant(isSafe, 'the key cannot stand in a header field');
  if (secret.startsWith(BEARER)) return `authorization: ${secret}\r\n`;
  return secret.startsWith(OAUTH_TOKEN) ? `authorization: ${BEARER}${secret}\r\n` : `x-api-key: ${secret}\r\n`;
}

function translation({ operation, model, limits }: ProviderCall): TranslationTarget | undefined {
  if (operation === 'count-tokens') {
    const codec = { kind: 'token-count', codec: anthropicTokenCountTarget } as const;
    return { path: PATHS['count-tokens'] ?? '', query: '', codec, framing: 'sse' };
  }
  if (operation !== 'chat' && operation !== 'completions' && operation !== 'responses') return undefined;
  const codec = { kind: 'chat', codec: anthropicMessagesTarget(model, limits) } as const;
  return { path: PATHS.chat ?? '', query: '', codec, framing: 'sse' };
}

interface AnthropicOptions {
  readonly beta?: readonly string[];
}

function compile({ beta }: AnthropicOptions): ProviderAdapter {
  const allowed = beta === undefined ? undefined : new Set(beta);
  return {
    operations: OPERATIONS,
    passes: (format, operation) => format === 'anthropic' && PATHS[operation] !== undefined,
    path: (operation) => PATHS[operation],
    hasModelInPath: false,
    translation,
    errors: anthropicErrors,
    credentialLines: (secret) => (secret === undefined ? '' : credentialLine(secret)),
    defaultFields: VERSION_FIELDS,
    ...(allowed !== undefined && {
      rewrittenFields: new Map([['anthropic-beta', (list: string) => allowedBetas(list, allowed)]]),
    }),
    acceptsStreamOptions: false,
  };
}

export const anthropic: ProviderDefinition<AnthropicOptions> = {
  name: 'anthropic',
  summary:
    'Anthropic, and servers that speak its messages API at the base_url given (without /v1, as in the official SDK).',
  schema: s.object({
    beta: s.optional(
      s.array(
        s.string('A feature as `anthropic-beta` names it.', BETA),
        'Features that clients may switch on by `anthropic-beta`; others are taken out of their list. Default: all.',
      ),
    ),
  }),
  examples: [
    { title: 'With the key of the environment', config: {} },
    { title: 'Clients may ask for the long context only', config: { beta: ['context-1m-2025-08-07'] } },
  ],
  defaultBaseUrl: 'https://api.anthropic.com',
  keyVariables: ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN'],
  keyPrefixes: { ANTHROPIC_AUTH_TOKEN: BEARER },
  baseUrlVariables: ['ANTHROPIC_BASE_URL'],
  speaks: ['anthropic'],
  compile,
};
