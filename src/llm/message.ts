// What a conversation is made of, in the one canonical shape between client formats and providers (ADR 0018).
import type { JsonObject } from './json-value.ts';

/** A mark up to which the provider may keep the prompt; Anthropic allows four. */
export interface CacheMark {
  readonly ttl: '5m' | '1h' | undefined;
}

export type MediaSource =
  | { readonly kind: 'base64'; readonly mediaType: string; readonly data: string }
  | { readonly kind: 'url'; readonly url: string; readonly mediaType?: string }
  /** Uploaded to the provider before, and known only to it. */
  | { readonly kind: 'stored'; readonly id: string }
  /** A plain-text document. */
  | { readonly kind: 'text'; readonly text: string };

export interface TextPart {
  readonly type: 'text';
  readonly text: string;
  readonly cache?: CacheMark;
  /** Sources the answer names, as the provider wrote them; only codecs of that provider's wire read them. */
  readonly citations?: readonly JsonObject[];
}

export interface ImagePart {
  readonly type: 'image';
  readonly source: MediaSource;
  readonly detail?: 'low' | 'high' | 'auto' | 'original';
  readonly cache?: CacheMark;
}

export interface FilePart {
  readonly type: 'file';
  readonly source: MediaSource;
  readonly name?: string;
  readonly cache?: CacheMark;
}

export interface AudioPart {
  readonly type: 'audio';
  readonly source: MediaSource;
}

/** What the model thought. `signature` proves it to the provider that made it; `redacted` is thought that only it can read. */
export interface ReasoningPart {
  readonly type: 'reasoning';
  readonly text: string;
  readonly signature?: string;
  readonly redacted?: string;
  /** Of a Responses item. */
  readonly id?: string;
}

export interface RefusalPart {
  readonly type: 'refusal';
  readonly text: string;
}

export interface ToolCallPart {
  readonly type: 'tool-call';
  /** Made by the codec where the wire has none (`call_…`), the same for the same place in the same request. */
  readonly id: string;
  readonly name: string;
  /** JSON text as the model wrote it; it need not be valid. */
  readonly arguments: string;
  /** Gemini's `thoughtSignature`, which must come back with the call. */
  readonly signature?: string;
  readonly cache?: CacheMark;
}

export type ToolResultContent = TextPart | ImagePart | FilePart;

export interface ToolResultPart {
  readonly type: 'tool-result';
  readonly callId: string;
  /** Name of the tool, found by the decoder from the call it answers; Gemini asks for it. */
  readonly name: string | undefined;
  readonly content: readonly ToolResultContent[];
  readonly isError: boolean;
  readonly cache?: CacheMark;
}

export type SystemPart = TextPart;
export type UserPart = TextPart | ImagePart | FilePart | AudioPart | ToolResultPart;
export type AssistantPart = TextPart | ReasoningPart | RefusalPart | ToolCallPart | ImagePart | AudioPart;

/** Tool results stand in user messages, before anything else the user says; wires with messages of their own for them split. */
export type Message =
  | { readonly role: 'system'; readonly content: readonly SystemPart[]; readonly name?: string }
  | { readonly role: 'user'; readonly content: readonly UserPart[]; readonly name?: string }
  | { readonly role: 'assistant'; readonly content: readonly AssistantPart[]; readonly name?: string };
