// The metric families that exchanges count in.
import { METRIC_DEFINITIONS as M } from '../telemetry/metric-definitions.ts';
import type { MetricRegistry } from '../telemetry/metric-registry.ts';

export type MetricFamilies = ReturnType<typeof metricFamilies>;

export function metricFamilies(registry: MetricRegistry) {
  return {
    routeRequests: registry.counter(M.routeRequests),
    routeDuration: registry.histogram(M.routeDuration),
    routeFirstByte: registry.histogram(M.routeFirstByte),
    tenantRequests: registry.counter(M.tenantRequests),
    tenantTokens: registry.counter(M.tenantTokens),
    tenantCost: registry.counter(M.tenantCost),
    requestBytes: registry.counter(M.requestBytes),
    responseBytes: registry.counter(M.responseBytes),
    streamEnd: registry.counter(M.streamEnd),
    activeRequests: registry.gauge(M.activeRequests),
    clientConnections: registry.gauge(M.clientConnections),
    clientConnectionsAccepted: registry.counter(M.clientConnectionsAccepted),
    handoffs: registry.counter(M.handoffs),
    parseErrors: registry.counter(M.parseErrors),
    upstreamConnections: registry.gauge(M.upstreamConnections),
    upstreamConnects: registry.counter(M.upstreamConnects),
    upstreamPending: registry.gauge(M.upstreamPending),
    upstreamAttempts: registry.counter(M.upstreamAttempts),
    crossZoneBreaches: registry.counter(M.crossZoneBreaches),
    localityRequests: registry.counter(M.localityRequests),
    upstreamRetries: registry.counter(M.upstreamRetries),
    upstreamHedges: registry.counter(M.upstreamHedges),
    retryBudgetExhausted: registry.counter(M.retryBudgetExhausted),
    admissionWait: registry.histogram(M.admissionWait),
    admissionShed: registry.counter(M.admissionShed),
    safeReplays: registry.counter(M.safeReplays),
    agentgatewayRequests: registry.counter(M.agentgatewayRequests),
    agentgatewayTokens: registry.counter(M.agentgatewayTokens),
    genAiTokenUsage: registry.histogram(M.genAiTokenUsage),
    genAiFirstToken: registry.histogram(M.genAiFirstToken),
    genAiOperationDuration: registry.histogram(M.genAiOperationDuration),
    genAiDuration: registry.histogram(M.genAiDuration),
    genAiPerToken: registry.histogram(M.genAiPerToken),
    genAiCost: registry.counter(M.genAiCost),
    inputTokens: registry.counter(M.inputTokens),
    costLookups: registry.counter(M.costLookups),
    usageEstimates: registry.counter(M.usageEstimates),
  };
}
