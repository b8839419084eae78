// The object that a Responses answer is, whole or at any moment of its stream: what the request wished, repeated, around the items.
import type { ReplyFrame } from '../../codec.ts';
import type { JsonObject, JsonValue } from '../../json-value.ts';
import type { FinishReason } from '../../response.ts';
import type { Usage } from '../../usage.ts';

/** Members of the request that the answer repeats, as the client wrote them, with what stands there when it did not. */
const ECHO_DEFAULTS: JsonObject = {
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  parallel_tool_calls: true,
  previous_response_id: null,
  prompt_cache_key: null,
  reasoning: { effort: null, summary: null },
  safety_identifier: null,
  service_tier: null,
  temperature: null,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: [],
  top_logprobs: 0,
  top_p: null,
  truncation: 'disabled',
};

export const ECHOED: readonly string[] = [...Object.keys(ECHO_DEFAULTS), 'user'];

/** Finish reasons after which the answer is not whole. */
const INCOMPLETE: Readonly<Partial<Record<FinishReason, string>>> = {
  length: 'max_output_tokens',
  'context-window': 'max_output_tokens',
  'content-filter': 'content_filter',
};

export interface Ending {
  readonly status: 'completed' | 'incomplete' | 'failed';
  readonly reason: string | undefined;
}

/** A refusal that the model put in words is a whole answer; one by the provider's filter is not. */
export function endingOf(reason: FinishReason, hasRefusal: boolean): Ending {
  if (reason === 'error') return { status: 'failed', reason: undefined };
  const why = reason === 'refusal' && !hasRefusal ? 'content_filter' : INCOMPLETE[reason];
  return { status: why === undefined ? 'completed' : 'incomplete', reason: why };
}

export function usageObject(usage: Usage): JsonObject {
  return {
    input_tokens: usage.input,
    input_tokens_details: { cached_tokens: usage.cachedInput, cache_write_tokens: usage.cacheWrite },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: usage.total,
  };
}

/** What is known of the answer. */
export interface ResponseFacts {
  readonly id: string | undefined;
  readonly model: string | undefined;
  readonly createdSeconds: number | undefined;
  /** Undefined = under way. */
  readonly ending: Ending | undefined;
  readonly output: readonly JsonObject[];
  readonly usage: Usage | undefined;
  readonly serviceTier: string | undefined;
}

const FAILED: JsonObject = { code: 'server_error', message: 'The provider could not finish its answer' };

export function responseObject(frame: ReplyFrame, facts: ResponseFacts): JsonObject {
  const { ending } = facts;
  const echoed: JsonObject = { ...ECHO_DEFAULTS, ...frame.request.echoed };
  const tier: JsonValue = facts.serviceTier ?? echoed.service_tier ?? null;
  return {
    id: facts.id ?? `resp_${frame.id}`,
    object: 'response',
    created_at: facts.createdSeconds ?? frame.createdSeconds,
    status: ending?.status ?? 'in_progress',
    background: false,
    access_programs: null,
    error: ending?.status === 'failed' ? FAILED : null,
    incomplete_details: ending?.reason === undefined ? null : { reason: ending.reason },
    model: facts.model ?? frame.model,
    output: facts.output,
    ...echoed,
    service_tier: tier,
    // nothing is kept: the answer cannot be asked for again
    store: false,
    usage: facts.usage === undefined ? null : usageObject(facts.usage),
  };
}
