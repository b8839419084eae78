// A wire: how one family of APIs writes requests, answers, streams and failures. The client's side of it is read by formats, the
// provider's side by providers; N + M codecs around the canonical shape instead of N × M translators. Pure.
import type { LlmEvent } from './event.ts';
import type { JsonObject, JsonValue } from './json-value.ts';
import type { FieldNames, ParameterTable, TableOutcome } from './parameter-table.ts';
import type { ChatRequest, EmbeddingsRequest, WireName } from './request.ts';
import type { ChatResponse, EmbeddingsResponse, ProviderError, TokenCount } from './response.ts';

/** Why a body cannot be decoded, for the client: names the member (`messages[2].content`). */
export interface Undecodable {
  readonly ok: false;
  readonly message: string;
  readonly param: string | undefined;
}

export type Decoded<T> = { readonly ok: true; readonly value: T } | Undecodable;

/** What stands in the URL instead of the body (Gemini). */
export interface RequestAddress {
  readonly model: string | undefined;
  readonly stream: boolean | undefined;
  /** The stream is to be one JSON array instead of server-sent events (Gemini without `alt=sse`). */
  readonly streamsArray?: boolean;
}

/** What an answer says that only the gateway knows. */
export interface ReplyFrame {
  /** Unique; for ids the provider gave none for. */
  readonly id: string;
  /** As the client asked for it: shown where the provider names none. */
  readonly model: string;
  readonly createdSeconds: number;
  readonly request: ChatRequest;
  /** As the client's address said it. */
  readonly streamsArray?: boolean;
}

/** The client's side of a wire for conversations. */
export interface ChatClientCodec {
  readonly wire: WireName;
  readonly fieldNames: FieldNames;
  decodeRequest(body: JsonObject, address: RequestAddress): Decoded<ChatRequest>;
  encodeResponse(response: ChatResponse, frame: ReplyFrame): JsonObject;
  createStreamEncoder(frame: ReplyFrame): StreamEncoder;
}

/** One stream to a client; texts are whole events, ready to be written. */
export interface StreamEncoder {
  /** As the answer's Content-Type. */
  readonly contentType: string;
  /** Empty when the event changes nothing that this wire shows, or waits for another. */
  encode(event: LlmEvent): string;
  /** The proper end, exactly once, after `finish` events. */
  end(): string;
  /** The wire's own end by failure: a client library must throw. Exactly one of `end` and `fail` is called. */
  fail(error: ProviderError): string;
  /** Written while the provider is silent; empty where the wire allows nothing of the kind. */
  heartbeat(): string;
}

/** The provider's side of a wire for conversations. */
export interface ChatTargetCodec {
  readonly wire: WireName;
  /** What it can be told. The caller has applied it: `encodeRequest` sees nothing else. */
  readonly parameters: ParameterTable;
  /**
   * What the table cannot say because it hangs on the value or on several wishes together (a temperature beside thinking, a
   * fifth cache mark). Applied with the table, behind it; undefined = there is nothing of the kind.
   */
  readonly settle?: (request: ChatRequest) => TableOutcome;
  /**
   * The body, `model` and stream wish included where the wire has them in it. Usage is always asked for. `rest` is
   * sent on only where the request's wire is this one.
   */
  encodeRequest(request: ChatRequest): JsonObject;
  /** `undefined` = not an answer of this wire. A failure told inside a 200 is a ProviderError. */
  decodeResponse(body: JsonValue): ChatResponse | ProviderError | undefined;
  createStreamDecoder(request: ChatRequest): StreamDecoder;
}

/** One stream of a provider. Payloads are those of the framing: `data` of SSE events, or the JSON of binary messages. */
export interface StreamDecoder {
  /**
   * Appends what the payload says. `name` is the SSE `event:` field or the message's event type, '' when there is none. A payload
   * that is not the wire's JSON gives an `error` event.
   */
  decode(name: string, payload: string, into: LlmEvent[]): void;
  /** The wire's own end came, and the answer is whole: nothing that follows can change that. */
  isWhole(): boolean;
  /** The body is over. False = the wire's own end did not come: the answer is cut. Appends what was held back. */
  end(into: LlmEvent[]): boolean;
}

export interface EmbeddingsClientCodec {
  decodeRequest(body: JsonObject, address: RequestAddress): Decoded<EmbeddingsRequest>;
  encodeResponse(response: EmbeddingsResponse, request: EmbeddingsRequest): JsonObject;
}

export interface EmbeddingsTargetCodec {
  /** Members of the canonical request that the target has no words for and that may be left out. */
  readonly drops: readonly ('dimensions' | 'task' | 'title' | 'user')[];
  /** Whether texts given as tokens can be sent. */
  readonly takesTokens: boolean;
  /** Most texts of one request; a request with more is refused. Undefined = the provider says so itself. */
  readonly maxInputs?: number;
  encodeRequest(request: EmbeddingsRequest): JsonObject;
  decodeResponse(body: JsonValue): EmbeddingsResponse | ProviderError | undefined;
}

export interface TokenCountClientCodec {
  decodeRequest(body: JsonObject, address: RequestAddress): Decoded<ChatRequest>;
  encodeResponse(count: TokenCount): JsonObject;
}

export interface TokenCountTargetCodec {
  encodeRequest(request: ChatRequest): JsonObject;
  decodeResponse(body: JsonValue): TokenCount | ProviderError | undefined;
}

/** Failures of a wire: status and body of an error answer, both ways. */
export interface ErrorDecoder {
  /**
   * Any body, JSON or not, of an answer of status 400 and above. `field` reads the answer's header, where a wire names the kind of
   * failure there (AWS's `x-amzn-errortype`).
   */
  decodeError(status: number, body: string, field?: (lowerName: string) => string | undefined): ProviderError;
}

export function isProviderError(value: object): value is ProviderError {
  return 'message' in value && 'type' in value && 'status' in value;
}
