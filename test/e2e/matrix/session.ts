// What the matrix asks of every client, in words that all of them have; each file in clients/ says it in its client's own.

/** Where requests go: the field names the provider that the gateway shall ask. */
export interface Target {
  readonly gatewayUrl: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface ToolResults {
  readonly reply: Reply;
  /** One text per call, in order. */
  readonly results: readonly string[];
}

export interface Ask {
  readonly model: string;
  readonly prompt: string;
  readonly system?: string;
  /** Names; every tool takes a `city`. */
  readonly tools?: readonly string[];
  /** A PNG beside the prompt. */
  readonly image?: Buffer;
  /** The answer shall be JSON of CITY. */
  readonly isShaped?: boolean;
  /** The prompt was answered with calls, and these are their results. */
  readonly after?: ToolResults;
}

export interface Call {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
}

export interface Reply {
  readonly text: string;
  /** How many pieces of content a stream came in. */
  readonly pieces: number;
  readonly calls: readonly Call[];
  /** As the client names it. */
  readonly finish: string;
  readonly input: number | undefined;
  readonly output: number | undefined;
  /** The assistant's turn in the client's own shape, to be sent back. */
  readonly turn: unknown;
}

export interface Session {
  say(ask: Ask): Promise<Reply>;
  stream(ask: Ask): Promise<Reply>;
  /** Undefined: the client has no embeddings. */
  readonly embed: ((model: string, texts: readonly string[]) => Promise<readonly (readonly number[])[]>) | undefined;
  /** Streams, and goes away at the first piece of content. */
  leave(ask: Ask): Promise<void>;
}

export interface MatrixClient {
  readonly name: string;
  /** The gateway's name of the wire it speaks. */
  readonly format: string;
  open(target: Target): Session;
}

export const CITY = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
} as const;

export const API_KEY = 'sk-client-5e0d';
