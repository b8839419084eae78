// One request from a client's wire to a provider's, and the answer back, over the canonical shape. Pure: live traffic and
// explanations call the same. Which bytes pass through instead is the adapter's to say.
import { applyParameterTable } from './apply-parameter-table.ts';
import type { ModelLimits } from './catalog/catalog-data.ts';
import { type Decoded, isProviderError, type ReplyFrame, type RequestAddress } from './codec.ts';
import type { ClientFormat } from './format.ts';
import type { JsonObject, JsonValue } from './json-value.ts';
import type { Operation } from './operation.ts';
import type { ChatField, Strictness } from './parameter-table.ts';
import type { ProviderAdapter, TargetCodec, TranslationTarget } from './provider.ts';
import type { ChatRequest, EmbeddingsRequest, LlmRequest } from './request.ts';
import type { ProviderError } from './response.ts';
import type { Usage } from './usage.ts';

/** How the client asks. */
export interface ClientSide {
  readonly format: ClientFormat;
  readonly operation: Operation;
  readonly address: RequestAddress;
}

/** Undefined = this operation of this format has no canonical shape: it can only pass through. */
export function decodeClientRequest(
  { format, operation, address }: ClientSide,
  body: JsonObject,
): Decoded<LlmRequest> | undefined {
  if (operation === 'embeddings') return format.embeddingsCodec?.decodeRequest(body, address);
  if (operation === 'count-tokens') return format.tokenCountCodec?.decodeRequest(body, address);
  return format.chatCodec(operation)?.decodeRequest(body, address);
}

export interface Translation {
  readonly target: TranslationTarget;
  /** What the target is told of it. */
  readonly request: LlmRequest;
  readonly body: JsonObject;
  /** Left out, in the client's own words. */
  readonly dropped: readonly string[];
}

export type TranslationOutcome =
  | ({ readonly kind: 'ready' } & Translation)
  /** The target cannot be asked this; `detail` names what is in the way. */
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'not-offered' };

export interface TranslationWish {
  readonly side: ClientSide;
  readonly request: LlmRequest;
  /** As it is asked for at the target. */
  readonly model: string;
  readonly strictness: Strictness;
  /** What is known of the model's size. */
  readonly limits?: ModelLimits | undefined;
}

export function translateRequest(wish: TranslationWish, adapter: ProviderAdapter): TranslationOutcome {
  const { request, model, limits } = wish;
  const stream = request.operation === 'chat' && request.stream;
  const target = adapter.translation({ operation: request.operation, model, stream, limits });
  if (target === undefined) return { kind: 'not-offered' };
  const { codec } = target;
  if (request.operation === 'embeddings')
    return codec.kind === 'embeddings' ? translateEmbeddings({ ...request, model }, { ...target, codec }, wish) : OTHER;
  if (codec.kind === 'token-count' && request.operation === 'count-tokens') {
    const asked = { ...request, model };
    return { kind: 'ready', target, request: asked, body: codec.codec.encodeRequest(asked), dropped: [] };
  }
  return codec.kind === 'chat' ? translateChat({ ...request, model }, { ...target, codec }, wish) : OTHER;
}

const OTHER: TranslationOutcome = { kind: 'not-offered' };

type TargetOf<K extends TargetCodec['kind']> = TranslationTarget & {
  readonly codec: Extract<TargetCodec, { kind: K }>;
};

function nameOf({ format, operation }: ClientSide, field: ChatField): string {
  return format.chatCodec(operation)?.fieldNames[field] ?? field;
}

function refusal(name: string, because: string | undefined): TranslationOutcome {
  const reason = because === undefined ? '' : ` (${because})`;
  return { kind: 'refused', detail: `the provider cannot be told of "${name}"${reason}` };
}

function translateChat(
  request: ChatRequest,
  target: TargetOf<'chat'>,
  { side, strictness }: TranslationWish,
): TranslationOutcome {
  const { codec } = target.codec;
  const foreign = request.wire === codec.wire ? [] : Object.keys(request.rest);
  if (strictness === 'strict' && foreign.length > 0) return refusal(foreign[0], undefined);
  const outcome = applyParameterTable(request, codec, strictness);
  if (outcome.kind === 'refused') return refusal(nameOf(side, outcome.field), codec.parameters[outcome.field].note);
  const dropped = [...outcome.dropped.map((field) => nameOf(side, field)), ...foreign];
  return { kind: 'ready', target, request: outcome.request, body: codec.encodeRequest(outcome.request), dropped };
}

function translateEmbeddings(
  request: EmbeddingsRequest,
  target: TargetOf<'embeddings'>,
  { strictness }: TranslationWish,
): TranslationOutcome {
  const { codec } = target.codec;
  if (!codec.takesTokens && request.inputs.some((input) => typeof input !== 'string'))
    return refusal('input', 'it takes texts, not tokens');
  if (codec.maxInputs !== undefined && request.inputs.length > codec.maxInputs)
    return refusal('input', `it takes ${codec.maxInputs === 1 ? 'one text' : `${codec.maxInputs} texts`} at a time`);
  const own = codec.drops.filter((field) => request[field] !== undefined);
  const dropped = [...own, ...Object.keys(request.rest)];
  if (strictness === 'strict' && dropped.length > 0) return refusal(dropped[0], undefined);
  const told = { ...request, ...Object.fromEntries(own.map((field) => [field, undefined])) };
  return { kind: 'ready', target, request: told, body: codec.encodeRequest(told), dropped };
}

export type AnswerOutcome =
  | {
      readonly kind: 'answer';
      readonly body: JsonObject;
      readonly model: string | undefined;
      readonly usage: Usage | undefined;
    }
  /** A failure told inside an answer of status 200. */
  | { readonly kind: 'failed'; readonly error: ProviderError }
  | { readonly kind: 'not-understood' };

const NOT_UNDERSTOOD: AnswerOutcome = { kind: 'not-understood' };

/** The whole answer of the target in the client's words. */
export function translateAnswer(
  { target, request }: Pick<Translation, 'target' | 'request'>,
  { format, operation }: ClientSide,
  document: JsonValue,
  frame: Omit<ReplyFrame, 'request'>,
): AnswerOutcome {
  const { codec } = target;
  const decoded = codec.codec.decodeResponse(document);
  if (decoded === undefined) return NOT_UNDERSTOOD;
  if (isProviderError(decoded)) return { kind: 'failed', error: decoded };
  if ('choices' in decoded && request.operation === 'chat') {
    const body = format.chatCodec(operation)?.encodeResponse(decoded, { ...frame, request });
    return body === undefined ? NOT_UNDERSTOOD : { kind: 'answer', body, model: decoded.model, usage: decoded.usage };
  }
  if ('vectors' in decoded && request.operation === 'embeddings') {
    const body = format.embeddingsCodec?.encodeResponse(decoded, request);
    return body === undefined ? NOT_UNDERSTOOD : { kind: 'answer', body, model: decoded.model, usage: decoded.usage };
  }
  if (!('inputTokens' in decoded)) return NOT_UNDERSTOOD;
  const body = format.tokenCountCodec?.encodeResponse(decoded);
  return body === undefined ? NOT_UNDERSTOOD : { kind: 'answer', body, model: undefined, usage: undefined };
}
