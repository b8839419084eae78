// What every provider that takes OpenAI's bytes has in common, so that each is some thirty lines of names and quirks.
import { invariant } from '../errors/bug.ts';
import type { Schema } from '../schema/schema.ts';
import { FIELD_VALUE } from '../wire/characters.ts';
import { openaiErrors } from './codecs/openai-chat/decode-error.ts';
import type { Operation } from './operation.ts';
import type { ProviderAdapter, ProviderDefinition } from './provider.ts';

/** Paths below the base path. What a client's path has behind them (`/responses/{id}/cancel`, `/images/edits`) is kept. */
const PATHS: Partial<Record<Operation, string>> = {
  chat: '/chat/completions',
  completions: '/completions',
  embeddings: '/embeddings',
  responses: '/responses',
  models: '/models',
  images: '/images',
  speech: '/audio/speech',
  transcription: '/audio/transcriptions',
};

/** Everything OpenAI's API offers that passes through as bytes. */
export const OPENAI_OPERATIONS: readonly Operation[] = Object.keys(PATHS) as Operation[];

/** What differs between two OpenAI-compatible providers. */
export interface OpenaiCompatible<C> {
  readonly name: string;
  readonly summary: string;
  readonly schema: Schema<C>;
  readonly examples: readonly { readonly title: string; readonly config: C }[];
  readonly defaultBaseUrl?: string;
  readonly keyVariables?: readonly string[];
  readonly baseUrlVariables?: readonly string[];
  /** Default: all of OpenAI's. */
  readonly operations?: readonly Operation[];
  /** Header fields sent beside the credential. */
  readonly fields?: (config: C) => readonly (readonly [name: string, value: string])[];
  /** Whether `stream_options.include_usage` may be sent; default yes. */
  readonly acceptsStreamOptions?: (config: C) => boolean;
}

/** One header line. A value that would end the line and begin another is a bug of the caller: configuration is checked when read. */
function headerLine(name: string, value: string): string {
  const isSafe = value !== '' && Buffer.from(value).every((byte) => FIELD_VALUE[byte] === 1);
  invariant(isSafe, `the value of ${name} cannot stand in a header field`);
  return `${name}: ${value}\r\n`;
}

/** Makes a provider whose requests are OpenAI's, at most with another address, another credential and fewer operations. */
export function defineOpenaiCompatible<C>(provider: OpenaiCompatible<C>): ProviderDefinition<C> {
  const operations = provider.operations ?? OPENAI_OPERATIONS;
  return {
    name: provider.name,
    summary: provider.summary,
    schema: provider.schema,
    examples: provider.examples,
    defaultBaseUrl: provider.defaultBaseUrl,
    keyVariables: provider.keyVariables ?? [],
    baseUrlVariables: provider.baseUrlVariables ?? [],
    speaks: ['openai'],
    compile(config): ProviderAdapter {
      const fields = provider.fields?.(config) ?? [];
      const fieldLines = fields.map(([name, value]) => headerLine(name, value)).join('');
      return {
        operations,
        passes: (format, operation) => format === 'openai' && operations.includes(operation),
        hasModelInPath: false,
        translation: () => undefined,
        errors: openaiErrors,
        path: (operation) => (operations.includes(operation) ? PATHS[operation] : undefined),
        credentialLines: (secret) =>
          secret === undefined ? fieldLines : headerLine('authorization', `Bearer ${secret}`) + fieldLines,
        acceptsStreamOptions: provider.acceptsStreamOptions?.(config) ?? true,
      };
    },
  };
}
