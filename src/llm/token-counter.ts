// Who counts tokens of text for the gateway: an interface, because the tokenizer takes a third of a second to load and counts
// for milliseconds, so it lives in a thread of its own (app/tokenizer-thread.ts) and answers later.

export interface TokenCounter {
  /** Tokens of each text as the model counts them, or undefined when nobody can tell. Called once, in a later turn. */
  count(texts: readonly string[], model: string, done: (tokens: readonly number[] | undefined) => void): void;
}
