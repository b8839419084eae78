// A request to a model in the canonical shape: what every client format is decoded to and every provider's request is made of.
import type { JsonObject, JsonValue } from './json-value.ts';
import type { CacheMark, Message } from './message.ts';

/** How conversations are written. */
export type WireName =
  | 'openai-chat'
  | 'openai-completions'
  | 'openai-responses'
  | 'anthropic-messages'
  | 'gemini'
  | 'bedrock-converse';

export interface FunctionTool {
  readonly kind: 'function';
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of its arguments; undefined = it takes none. */
  readonly parameters?: JsonObject;
  readonly strict?: boolean;
  readonly cache?: CacheMark;
}

/** A tool the provider runs (web search, code): `raw` is its text in the wire named, and no other wire has it. */
export interface ProviderTool {
  readonly kind: 'provider';
  readonly wire: WireName;
  readonly raw: JsonObject;
}

export type Tool = FunctionTool | ProviderTool;

export type ToolChoice =
  | { readonly kind: 'auto' }
  | { readonly kind: 'none' }
  | { readonly kind: 'required' }
  | { readonly kind: 'tool'; readonly name: string };

export type ResponseFormat =
  | { readonly kind: 'text' }
  | { readonly kind: 'json' }
  | {
      readonly kind: 'json-schema';
      readonly name: string;
      readonly schema: JsonObject;
      readonly strict: boolean | undefined;
      readonly description: string | undefined;
    };

export interface ReasoningWish {
  /** `none` = the model shall not think. Undefined = as the budget says. */
  readonly effort?: 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';
  readonly budgetTokens?: number;
  /** The model decides how much (Anthropic's `adaptive`, Gemini's -1). */
  readonly isAdaptive?: boolean;
  /** Whether the client is to see what was thought, whole or as a summary. */
  readonly summary?: 'none' | 'auto' | 'concise' | 'detailed' | 'full';
}

/** Everything a client may wish beside the conversation. A member that is undefined was not asked for. */
export interface ChatParameters {
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly minP?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  readonly repetitionPenalty?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
  /** How many answers. */
  readonly n?: number;
  readonly logprobs?: { readonly top: number };
  readonly logitBias?: Readonly<Record<string, number>>;
  readonly tools?: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  readonly parallelToolCalls?: boolean;
  readonly responseFormat?: ResponseFormat;
  readonly reasoning?: ReasoningWish;
  /** Who asks, for the provider's abuse control. */
  readonly user?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly serviceTier?: string;
  readonly store?: boolean;
  readonly verbosity?: string;
  readonly modalities?: readonly string[];
  readonly audioOutput?: JsonObject;
  readonly prediction?: JsonObject;
  readonly webSearch?: JsonObject;
  readonly promptCacheKey?: string;
  readonly safetySettings?: readonly JsonValue[];
  /** Gemini's name of stored content in front of the conversation. */
  readonly cachedContent?: string;
  /** Continue a stored answer (Responses). */
  readonly previousResponseId?: string;
  readonly conversation?: JsonValue;
  readonly background?: boolean;
  readonly truncation?: string;
  /** Legacy completions. */
  readonly suffix?: string;
  readonly echo?: boolean;
  readonly bestOf?: number;
}

export interface ChatRequest {
  readonly operation: 'chat' | 'count-tokens';
  /** The client's: a target of the same wire keeps `rest`. */
  readonly wire: WireName;
  readonly model: string;
  readonly stream: boolean;
  readonly messages: readonly Message[];
  readonly parameters: ChatParameters;
  /** The client asked for usage in its stream; always true where its wire always has it. */
  readonly wantsStreamUsage: boolean;
  /** The client wrote `functions`, OpenAI's tools of old, and is answered with `function_call`. */
  readonly usesLegacyFunctions?: true;
  /** Top-level members of the client's body that no field of the table stands for. Another wire does not have them. */
  readonly rest: JsonObject;
  /** Members of the client's body that its wire repeats in every answer (Responses), as the client wrote them. */
  readonly echoed?: JsonObject;
}

export interface EmbeddingsRequest {
  readonly operation: 'embeddings';
  readonly model: string;
  /** Texts, or the tokens of texts. */
  readonly inputs: readonly (string | readonly number[])[];
  readonly dimensions?: number;
  readonly encoding: 'float' | 'base64';
  /** What the vectors are for, as Gemini and Cohere ask (`RETRIEVAL_QUERY`). */
  readonly task?: string;
  readonly title?: string;
  readonly user?: string;
  /** The client asked for one vector and its wire answers one (Gemini's `embedContent`). */
  readonly isSingle: boolean;
  /** The client asked with Vertex's `:predict`, whose answer has a shape of its own. */
  readonly isPredict?: boolean;
  readonly rest: JsonObject;
}

export type LlmRequest = ChatRequest | EmbeddingsRequest;
