// The metrics of AI requests, a part of metric-definitions.ts: OpenTelemetry's names, agentgateway's, and those of the gateway's own.
import type { MetricDefinition } from './metric-definition.ts';

/** OpenTelemetry GenAI conventions, `gen_ai.client.token.usage`: powers of four. */
const TOKEN_BUCKETS = [
  1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
] as const;
/** OpenTelemetry GenAI conventions, `gen_ai.server.time_to_first_token`, and the four above it that long prompts need. */
const FIRST_TOKEN_BUCKETS = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 15, 20, 30, 60,
] as const;
/** OpenTelemetry GenAI conventions, `gen_ai.server.request.duration`. */
const GEN_AI_DURATION_BUCKETS = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
] as const;

/** OpenTelemetry GenAI conventions, `gen_ai.server.time_per_output_token`. */
const PER_TOKEN_BUCKETS = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5] as const;

/** What agentgateway calls the provider. */
const AGENTGATEWAY_LABELS = { gen_ai_provider_name: 'gen_ai_system' } as const;

const GEN_AI_LABELS = [
  'gen_ai_operation_name',
  'gen_ai_provider_name',
  'gen_ai_request_model',
  'gen_ai_response_model',
  'route',
] as const;

export const GEN_AI_METRICS = {
  agentgatewayRequests: {
    name: 'agentgateway_requests_total',
    kind: 'counter',
    help: 'Requests, by route and requested model; the name dashboards for agentgateway use.',
    labels: ['route_name', 'model'],
  },
  agentgatewayTokens: {
    name: 'agentgateway_tokens_total',
    kind: 'counter',
    help: 'Tokens, by route and type (input, output); the name dashboards for agentgateway use.',
    labels: ['route_name', 'token_type'],
  },
  genAiTokenUsage: {
    name: 'gen_ai_client_token_usage',
    kind: 'histogram',
    help: 'Tokens of one call as the provider counted them, by type: input or output.',
    labels: ['gen_ai_token_type', ...GEN_AI_LABELS],
    buckets: TOKEN_BUCKETS,
    aliases: [{ name: 'agentgateway_gen_ai_client_token_usage', labels: AGENTGATEWAY_LABELS }],
  },
  genAiOperationDuration: {
    name: 'gen_ai_client_operation_duration',
    kind: 'histogram',
    help: 'Seconds of one request for a model, over all its tries, to its last byte.',
    labels: GEN_AI_LABELS,
    buckets: GEN_AI_DURATION_BUCKETS,
  },
  genAiFirstToken: {
    name: 'gen_ai_server_time_to_first_token',
    kind: 'histogram',
    help: 'Seconds from the request to the first useful delta of a streamed answer.',
    labels: GEN_AI_LABELS,
    buckets: FIRST_TOKEN_BUCKETS,
    aliases: [{ name: 'agentgateway_gen_ai_server_time_to_first_token', labels: AGENTGATEWAY_LABELS }],
  },
  genAiPerToken: {
    name: 'gen_ai_server_time_per_output_token',
    kind: 'histogram',
    help: 'Seconds per token after the first of a streamed answer that came whole.',
    labels: GEN_AI_LABELS,
    buckets: PER_TOKEN_BUCKETS,
    aliases: [{ name: 'agentgateway_gen_ai_server_time_per_output_token', labels: AGENTGATEWAY_LABELS }],
  },
  genAiDuration: {
    name: 'gen_ai_server_request_duration',
    kind: 'histogram',
    help: 'Seconds of the call of a model whose answer the client got, to its last byte.',
    labels: GEN_AI_LABELS,
    buckets: GEN_AI_DURATION_BUCKETS,
    aliases: [{ name: 'agentgateway_gen_ai_server_request_duration', labels: AGENTGATEWAY_LABELS }],
  },
  genAiCost: {
    name: 'agentgateway_gen_ai_client_cost_usd_total',
    kind: 'counter',
    help: 'Dollars that calls of a model cost, those included whose answer no client got. Exact amounts are in the log.',
    labels: ['gen_ai_operation_name', 'gen_ai_system', 'gen_ai_request_model', 'gen_ai_response_model', 'route'],
  },
  costLookups: {
    name: 'agentgateway_cost_catalog_lookups_total',
    kind: 'counter',
    help: 'Prices looked up for answers with tokens, by status: exact, unpriced (known, not sold by the token), unknown, or out-of-range (no believable cost).',
    labels: ['status'],
  },
  inputTokens: {
    name: 'gateway_input_tokens_total',
    kind: 'counter',
    help: 'Input tokens of a route by what the provider’s prompt cache had to do with them: read, write or none.',
    labels: ['route', 'cache'],
  },
  cachedInputRatio: {
    name: 'gateway_cached_input_ratio',
    kind: 'gauge',
    merge: 'last',
    help: 'Part of the input tokens of a route that the provider’s prompt cache had, since the start.',
    labels: ['route'],
  },
  usageEstimates: {
    name: 'gateway_usage_estimates_total',
    kind: 'counter',
    help: 'Answers whose tokens were estimated, by how: tokenizer, or size where that was not at hand.',
    labels: ['method'],
  },
} as const satisfies Record<string, MetricDefinition>;
