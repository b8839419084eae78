// Odds of tokens in the shape of chat completions → that of the completions of old.
import { isJsonObject, type JsonObject, type JsonValue } from '../../json-value.ts';

/** `offset` is how much text stands before it. Undefined = nothing told. */
export function toLegacyLogprobs(logprobs: JsonObject | undefined, offset: number): JsonObject | null {
  const content = logprobs?.content;
  if (!Array.isArray(content)) return null;
  const tokens = content.filter(isJsonObject);
  const offsets: number[] = [];
  let at = offset;
  for (const { token } of tokens) {
    offsets.push(at);
    at += textOf(token).length;
  }
  return {
    tokens: tokens.map(({ token }) => textOf(token)),
    token_logprobs: tokens.map(({ logprob }) => (typeof logprob === 'number' ? logprob : null)),
    top_logprobs: tokens.map(({ top_logprobs }) => topOf(top_logprobs)),
    text_offset: offsets,
  };
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

function topOf(value: JsonValue | undefined): JsonObject {
  const top = Array.isArray(value) ? value.filter(isJsonObject) : [];
  return Object.fromEntries(top.map(({ token, logprob }) => [textOf(token), logprob]));
}
