// The answer to a count of tokens where the provider cannot count: the process's tokenizer does, and the answer says that it is an
// estimate. Asked by send-try.ts when the target has no such operation, by forward.ts when the model's provider says so.

import type { TokenCountClientCodec } from '../llm/codec.ts';
import { countedTokens, countParts } from '../llm/count-request.ts';
import type { ChatRequest } from '../llm/request.ts';
import type { TokenCounter } from '../llm/token-counter.ts';
import { createReply, problem, type Reply } from '../pipeline/reply.ts';

export const ESTIMATED_FIELD = 'x-switchyard-estimated';

export interface AskedCount {
  readonly request: ChatRequest;
  /** As it would have been asked for. */
  readonly model: string;
  readonly codec: TokenCountClientCodec;
}

/** Calls `done` once, in a later turn. */
export function answerCount(
  { request, model, codec }: AskedCount,
  counter: TokenCounter,
  done: (reply: Reply) => void,
): void {
  const parts = countParts(request);
  counter.count([parts.text], model, (counts) => {
    if (counts === undefined) {
      done(problem('gateway.tokenizer-busy', 'the provider does not count tokens'));
      return;
    }
    const count = { inputTokens: countedTokens(parts, counts[0]), isEstimated: true };
    const body = JSON.stringify(codec.encodeResponse(count));
    const fields = [
      ['content-type', 'application/json'],
      [ESTIMATED_FIELD, 'true'],
    ] as const;
    done(createReply(200, fields, body));
  });
}

/** Providers that count for some models only say so with one of these. */
const REFUSING: ReadonlySet<number> = new Set([400, 404, 405, 501]);

export function mayRefuseCount(status: number): boolean {
  return REFUSING.has(status);
}

/** Bedrock: `The provided model doesn't support counting tokens.` */
const NOT_COUNTED = /\b(?:count(?:ing)?[ _-]?tokens?|token[ _-]?count(?:ing)?)\b/i;
const NOT_OFFERED = /support|offer|available|implement|not found|unknown/i;

/** Whether a refusal says that tokens are not counted there, rather than that this request is wrong. */
export function saysNoCount(status: number, body: string): boolean {
  if (status === 405 || status === 501) return true;
  return mayRefuseCount(status) && NOT_COUNTED.test(body) && NOT_OFFERED.test(body);
}
