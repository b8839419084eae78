// What every provider that takes OpenAI's bytes has in common, so that each is some thirty lines of names and quirks.
import { invariant } from '../errors/bug.ts';
import type { Schema } from '../schema/schema.ts';
import { FIELD_VALUE } from '../wire/characters.ts';
import { openaiErrors } from './codecs/openai-chat/decode-error.ts';
import { createOpenaiChatTarget } from './codecs/openai-chat/openai-chat.ts';
import type { OpenaiChatQuirks } from './codecs/openai-chat/parameters.ts';
import {
  createOpenaiEmbeddingsTarget,
  type OpenaiEmbeddingsQuirks,
} from './codecs/openai-embeddings/openai-embeddings.ts';
import type { QuirkOptions } from './openai-quirks.ts';
import type { Operation } from './operation.ts';
import type { ProviderAdapter, ProviderDefinition, TargetCodec, TranslationTarget } from './provider.ts';

/** Paths below the base path. What a client's path has behind them (`/responses/{id}/cancel`, `/images/edits`) is kept. */
export const OPENAI_PATHS: Readonly<Partial<Record<Operation, string>>> = {
  chat: '/chat/completions',
  completions: '/completions',
  embeddings: '/embeddings',
  responses: '/responses',
  models: '/models',
  images: '/images',
  speech: '/audio/speech',
  transcription: '/audio/transcriptions',
  rerank: '/rerank',
};

/** Everything OpenAI's API offers that passes through as bytes. */
export const OPENAI_OPERATIONS: readonly Operation[] = [
  'chat',
  'completions',
  'embeddings',
  'responses',
  'models',
  'images',
  'speech',
  'transcription',
];

/** What differs between two OpenAI-compatible providers. */
export interface OpenaiCompatible<C extends QuirkOptions> {
  readonly name: string;
  readonly summary: string;
  readonly schema: Schema<C>;
  readonly examples: readonly { readonly title: string; readonly config: C }[];
  readonly defaultBaseUrl?: string;
  readonly keyVariables?: readonly string[];
  readonly baseUrlVariables?: readonly string[];
  /**
   * What passes through as it is; default all of OpenAI's. Conversations of other kinds (responses, legacy completions) are
   * translated to chat where that is offered.
   */
  readonly operations?: readonly Operation[] | ((config: C) => readonly Operation[]);
  /** Paths that are not OpenAI's. */
  readonly paths?: Readonly<Partial<Record<Operation, string>>>;
  /** Header fields sent beside the credential. */
  readonly fields?: (config: C) => readonly (readonly [name: string, value: string])[];
  /** How translated conversations are written; `asksUsage` also says whether passed ones may be given `stream_options`. */
  readonly quirks?: OpenaiChatQuirks;
  readonly embeddings?: OpenaiEmbeddingsQuirks;
}

/** One header line. A value that would end the line and begin another is a bug of the caller: configuration is checked when read. */
export function headerLine(name: string, value: string): string {
  const isSafe = value !== '' && Buffer.from(value).every((byte) => FIELD_VALUE[byte] === 1);
  invariant(isSafe, `the value of ${name} cannot stand in a header field`);
  return `${name}: ${value}\r\n`;
}

/** Makes a provider whose requests are OpenAI's, at most with another address, another credential and fewer operations. */
export function defineOpenaiCompatible<C extends QuirkOptions>(provider: OpenaiCompatible<C>): ProviderDefinition<C> {
  return {
    name: provider.name,
    summary: provider.summary,
    schema: provider.schema,
    examples: provider.examples,
    defaultBaseUrl: provider.defaultBaseUrl,
    keyVariables: provider.keyVariables ?? [],
    baseUrlVariables: provider.baseUrlVariables ?? [],
    speaks: ['openai'],
    compile: (config) => compileOpenaiCompatible(provider, config),
  };
}

function operationsOf<C extends QuirkOptions>({ operations }: OpenaiCompatible<C>, config: C): readonly Operation[] {
  return typeof operations === 'function' ? operations(config) : (operations ?? OPENAI_OPERATIONS);
}

/** The adapter, for providers that change more of it. */
export function compileOpenaiCompatible<C extends QuirkOptions>(
  provider: OpenaiCompatible<C>,
  config: C,
): ProviderAdapter {
  const operations = operationsOf(provider, config);
  const paths = { ...OPENAI_PATHS, ...provider.paths };
  const fieldLines = (provider.fields?.(config) ?? []).map(([name, value]) => headerLine(name, value)).join('');
  const asksUsage = config.stream_options ?? provider.quirks?.asksUsage ?? true;
  const maxTokensField = config.max_tokens_field ?? provider.quirks?.maxTokensField ?? 'max_completion_tokens';
  const targets: Partial<Record<Operation, TranslationTarget>> = {};
  const offer = (operation: Operation, codec: TargetCodec): void => {
    const path = operations.includes(operation) ? paths[operation] : undefined;
    if (path !== undefined) targets[operation] = { path, query: '', codec, framing: 'sse' };
  };
  const chat = createOpenaiChatTarget({ ...provider.quirks, asksUsage, maxTokensField });
  offer('chat', { kind: 'chat', codec: chat });
  offer('embeddings', { kind: 'embeddings', codec: createOpenaiEmbeddingsTarget(provider.embeddings) });
  return {
    operations,
    passes: (format, operation) => format === 'openai' && operations.includes(operation),
    hasModelInPath: false,
    translation: ({ operation }) => targets[conversationOf(operation)],
    errors: openaiErrors,
    path: (operation) => (operations.includes(operation) ? paths[operation] : undefined),
    credentialLines: (secret) =>
      secret === undefined ? fieldLines : headerLine('authorization', `Bearer ${secret}`) + fieldLines,
    acceptsStreamOptions: asksUsage,
  };
}

/** Every kind of conversation is asked for as chat. */
function conversationOf(operation: Operation): Operation {
  return operation === 'completions' || operation === 'responses' ? 'chat' : operation;
}
