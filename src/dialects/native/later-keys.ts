// Words of the native dialect that have a meaning but do not act in this version: each is answered with a warning, never with silence.

export const LATER_SECTIONS: ReadonlySet<string> = new Set([
  'consumers',
  'environments',
  'policies',
  'circuit_breakers',
  'canary_deployment',
  'feature_routing',
  'routing_cache',
  'route_rate_limiting',
  'ip_filtering',
  'routing_metrics',
  'prometheus_metrics',
  'custom_metrics',
  'tracing_config',
  'jaeger_config',
  'gateway',
  'envoy',
  'development',
  'staging',
  'production',
  'certificate_management',
  'production_sizing',
  'horizontal_scaling',
  'secrets',
]);

export const LATER_ROUTE_KEYS: ReadonlySet<string> = new Set([
  'rate_limit',
  'burst',
  'policies',
  'circuit_breaker',
  'cache',
  'auth',
  'authentication',
  'authorization',
  'cors',
  'fallback',
  'canary',
  'mirror',
  'tracing',
  'strategy',
]);

export const LATER_MATCH_KEYS: ReadonlySet<string> = new Set(['tier', 'region', 'segment', 'sample', 'when']);

export const LATER_BACKEND_KEYS: ReadonlySet<string> = new Set(['kubernetes', 'consul', 'policies', 'rate_limit']);

export const LATER_ENDPOINT_KEYS: ReadonlySet<string> = new Set(['dns', 'capacity']);

export const LATER_LISTENER_KEYS: ReadonlySet<string> = new Set([
  'policies',
  'proxy_protocol',
  'http2',
  'http3',
  'rate_limit',
  'ip_filtering',
]);

export const LATER_LOG_KEYS: ReadonlySet<string> = new Set(['level', 'format', 'sampling', 'file', 'fields']);

/** AI services that other sections may name and this build cannot speak to. */
export const LATER_PROVIDERS: ReadonlySet<string> = new Set([
  'anthropic',
  'azure',
  'azure-openai',
  'bedrock',
  'cohere',
  'deepseek',
  'gemini',
  'google',
  'groq',
  'mistral',
  'ollama',
  'openrouter',
  'together',
  'vertex',
  'xai',
]);
