// Every metric of the gateway in one table: name, labels and meaning. The reference page is written from it.
// Labels take values from closed sets, names in the configuration or model ids; the registry caps the rest.
import type { MetricDefinition } from './metric-definition.ts';

/** Seconds; from a tenth of a millisecond of our own work to a long completion. */
const DURATION_BUCKETS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120,
] as const;
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

const GEN_AI_LABELS = [
  'gen_ai_operation_name',
  'gen_ai_provider_name',
  'gen_ai_request_model',
  'gen_ai_response_model',
  'route',
] as const;

/** Key: what code calls it. `registry.counter(METRIC_DEFINITIONS.routeRequests)`. */
export const METRIC_DEFINITIONS = {
  routeRequests: {
    name: 'gateway_route_requests_total',
    kind: 'counter',
    help: 'Requests answered, by route, method, status code and backend.',
    labels: ['route', 'method', 'status_code', 'upstream'],
  },
  routeDuration: {
    name: 'gateway_route_duration_seconds',
    kind: 'histogram',
    help: 'Time from the request head to the last byte of the answer.',
    labels: ['route', 'upstream'],
    buckets: DURATION_BUCKETS,
  },
  routeFirstByte: {
    name: 'gateway_route_first_byte_seconds',
    kind: 'histogram',
    help: 'Time from the request head to the first byte of the answer.',
    labels: ['route', 'upstream'],
    buckets: DURATION_BUCKETS,
  },
  routeSlaTarget: {
    name: 'gateway_route_sla_target',
    kind: 'gauge',
    merge: 'last',
    help: 'Share of the requests of a route that shall succeed, as its sla says.',
    labels: ['route'],
  },
  routeErrorBudget: {
    name: 'gateway_route_error_budget_ratio',
    kind: 'gauge',
    merge: 'last',
    help: 'Part of the failures that the sla of a route allows which is left, since the start; below 0 it is overdrawn. Failures are answers 5xx.',
    labels: ['route'],
  },
  requestBytes: {
    name: 'gateway_request_bytes_total',
    kind: 'counter',
    help: 'Bytes of request bodies received.',
    labels: ['route'],
  },
  responseBytes: {
    name: 'gateway_response_bytes_total',
    kind: 'counter',
    help: 'Bytes of response bodies sent.',
    labels: ['route'],
  },
  streamEnd: {
    name: 'gateway_stream_end_total',
    kind: 'counter',
    help: 'Streamed answers by how they ended; only complete is a success.',
    labels: ['route', 'cause'],
  },
  activeRequests: {
    name: 'gateway_active_requests',
    kind: 'gauge',
    merge: 'sum',
    help: 'Requests being worked on.',
    labels: [],
  },
  clientConnections: {
    name: 'gateway_client_connections',
    kind: 'gauge',
    merge: 'sum',
    help: 'Connections of clients, by state.',
    labels: ['state'],
  },
  clientConnectionsAccepted: {
    name: 'gateway_client_connections_total',
    kind: 'counter',
    help: 'Connections accepted from clients.',
    labels: [],
  },
  handoffs: {
    name: 'gateway_handoffs_total',
    kind: 'counter',
    help: 'Connections handed from the fast HTTP/1.1 parser to the full one, by reason.',
    labels: ['reason'],
  },
  parseErrors: {
    name: 'gateway_parse_errors_total',
    kind: 'counter',
    help: 'Requests refused because they are not valid HTTP, by error code.',
    labels: ['code'],
  },
  upstreamHealth: {
    name: 'gateway_upstream_health',
    kind: 'gauge',
    merge: 'last',
    help: 'Share of the endpoints of a backend that can take requests, from 0 to 1.',
    labels: ['upstream', 'datacenter', 'zone'],
  },
  endpointsOut: {
    name: 'gateway_upstream_endpoints_out',
    kind: 'gauge',
    merge: 'last',
    help: 'Endpoints of a backend that are not asked, by reason; one that has several reasons counts under each.',
    labels: ['upstream', 'reason'],
  },
  healthProbes: {
    name: 'gateway_upstream_health_probes_total',
    kind: 'counter',
    help: 'Active health probes of the endpoints of a backend by result: good, or why it failed.',
    labels: ['upstream', 'result'],
  },
  dnsResolutions: {
    name: 'gateway_dns_resolutions_total',
    kind: 'counter',
    help: 'Questions for the names that backends are found by, by result: found, absent, or why nobody answered.',
    labels: ['name', 'result'],
  },
  dnsAge: {
    name: 'gateway_dns_age_seconds',
    kind: 'gauge',
    merge: 'last',
    help: 'Time since the last good answer for a name that backends are found by.',
    labels: ['name'],
  },
  breakerState: {
    name: 'gateway_circuit_breaker_state',
    kind: 'gauge',
    merge: 'last',
    help: '1 for the state the circuit breaker of a backend is in (closed, open, half_open), 0 for the others.',
    labels: ['service', 'state'],
  },
  concurrencyLimit: {
    name: 'gateway_concurrency_limit',
    kind: 'gauge',
    merge: 'last',
    help: 'Requests a backend may have in flight, over all workers; where it is adaptive, as learned so far.',
    labels: ['upstream'],
  },
  concurrencyInFlight: {
    name: 'gateway_concurrency_in_flight',
    kind: 'gauge',
    merge: 'last',
    help: 'Requests that a backend with a concurrency limit has in flight.',
    labels: ['upstream'],
  },
  admissionQueued: {
    name: 'gateway_admission_queued',
    kind: 'gauge',
    merge: 'last',
    help: 'Requests that wait for a place at a backend with a concurrency limit, by class.',
    labels: ['upstream', 'class'],
  },
  admissionWait: {
    name: 'gateway_admission_wait_seconds',
    kind: 'histogram',
    help: 'Time that admitted requests waited for a place at a backend with a concurrency limit; one that did not wait is not counted.',
    labels: ['upstream', 'class'],
    buckets: DURATION_BUCKETS,
  },
  admissionShed: {
    name: 'gateway_admission_shed_total',
    kind: 'counter',
    help: 'Requests that a backend with a concurrency limit did not admit, by class and reason: queue-full, queue-timeout, displaced.',
    labels: ['upstream', 'class', 'reason'],
  },
  upstreamConnections: {
    name: 'gateway_upstream_connections',
    kind: 'gauge',
    merge: 'sum',
    help: 'Open connections to the endpoints of a backend.',
    labels: ['upstream'],
  },
  upstreamConnects: {
    name: 'gateway_upstream_connects_total',
    kind: 'counter',
    help: 'Connections opened to the endpoints of a backend.',
    labels: ['upstream'],
  },
  upstreamPending: {
    name: 'gateway_upstream_pending',
    kind: 'gauge',
    merge: 'sum',
    help: 'Requests waiting for a connection to a backend.',
    labels: ['upstream'],
  },
  upstreamAttempts: {
    name: 'gateway_upstream_attempts_total',
    kind: 'counter',
    help: 'Tries at endpoints of a backend, by result: a status class such as 2xx, or an error code.',
    labels: ['upstream', 'result'],
  },
  localityRequests: {
    name: 'gateway_upstream_locality_requests_total',
    kind: 'counter',
    help: 'Tries at endpoints by where they are, and whether that is the zone of the gateway: own, other or unknown. Only for backends that choose by region or zone.',
    labels: ['upstream', 'datacenter', 'zone', 'own_zone'],
  },
  crossZoneBreaches: {
    name: 'gateway_cross_zone_breaches_total',
    kind: 'counter',
    help: 'Tries that left the zone of the gateway beyond max_cross_zone_ratio, because too little of that zone was up.',
    labels: ['upstream'],
  },
  regionState: {
    name: 'gateway_region_state',
    kind: 'gauge',
    merge: 'last',
    help: '1 for the state a region is in (active, standby, out), 0 for the others.',
    labels: ['region', 'state'],
  },
  upstreamRetries: {
    name: 'gateway_upstream_retries_total',
    kind: 'counter',
    help: 'Further tries after one at this backend failed, by reason: a status code, connect-failure, reset or timeout.',
    labels: ['upstream', 'reason'],
  },
  upstreamHedges: {
    name: 'gateway_upstream_hedges_total',
    kind: 'counter',
    help: 'Tries at this backend beside another one that was slow, by result: won, lost or failed.',
    labels: ['upstream', 'result'],
  },
  retryBudgetExhausted: {
    name: 'gateway_retry_budget_exhausted_total',
    kind: 'counter',
    help: 'Retries and hedged tries not made because the backend had too many in the last ten seconds.',
    labels: ['upstream'],
  },
  safeReplays: {
    name: 'gateway_safe_replays_total',
    kind: 'counter',
    help: 'Requests sent again because a kept connection was closed before the endpoint could have seen them.',
    labels: ['upstream'],
  },
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
  },
  genAiFirstToken: {
    name: 'gen_ai_server_time_to_first_token',
    kind: 'histogram',
    help: 'Seconds from the request to the first useful delta of a streamed answer.',
    labels: GEN_AI_LABELS,
    buckets: FIRST_TOKEN_BUCKETS,
  },
  genAiDuration: {
    name: 'gen_ai_server_request_duration',
    kind: 'histogram',
    help: 'Seconds of one call of a model, to its last byte.',
    labels: GEN_AI_LABELS,
    buckets: GEN_AI_DURATION_BUCKETS,
  },
  accessLogDropped: {
    name: 'gateway_access_log_dropped_total',
    kind: 'counter',
    help: 'Access log lines lost because the output was behind.',
    labels: [],
  },
  metricsFolded: {
    name: 'gateway_metrics_folded_total',
    kind: 'counter',
    help: 'Label sets that were counted under _other because their metric has too many.',
    labels: ['metric'],
  },
  reloads: {
    name: 'gateway_reloads_total',
    kind: 'counter',
    help: 'Configurations offered, by result: applied, unchanged or refused.',
    labels: ['result'],
  },
  configGeneration: {
    name: 'gateway_config_generation',
    kind: 'gauge',
    merge: 'last',
    help: 'Number of the configuration in force.',
    labels: [],
  },
  workerRestarts: {
    name: 'gateway_worker_restarts_total',
    kind: 'counter',
    help: 'Worker threads replaced because they died.',
    labels: [],
  },
  buildInfo: {
    name: 'gateway_build_info',
    kind: 'gauge',
    merge: 'last',
    help: 'Always 1; the version is in the label.',
    labels: ['version'],
  },
  eventLoopLag: {
    name: 'nodejs_eventloop_lag_seconds',
    kind: 'gauge',
    merge: 'last',
    help: 'Longest time in the last seconds that a thread was late for a timer.',
    labels: ['thread'],
  },
  processCpu: {
    name: 'process_cpu_seconds_total',
    kind: 'counter',
    help: 'Processor time of the process, user and system.',
    labels: [],
  },
  processResidentMemory: {
    name: 'process_resident_memory_bytes',
    kind: 'gauge',
    merge: 'last',
    help: 'Resident memory of the process.',
    labels: [],
  },
  processOpenFds: {
    name: 'process_open_fds',
    kind: 'gauge',
    merge: 'last',
    help: 'Open file descriptors; -1 where the platform does not tell.',
    labels: [],
  },
  processStartTime: {
    name: 'process_start_time_seconds',
    kind: 'gauge',
    merge: 'last',
    help: 'Start of the process in seconds since 1970.',
    labels: [],
  },
} as const satisfies Record<string, MetricDefinition>;
