// The closed table of error codes: problem+json type, metric label, log field, documentation page and retry decision all come from here.

export interface ErrorEntry {
  readonly status: number;
  readonly title: string;
  readonly source: 'client' | 'gateway' | 'upstream' | 'config';
  /** What may follow: nothing, another try at the same endpoint, or another candidate. */
  readonly retry: 'never' | 'same-endpoint' | 'other-endpoint';
  /** RFC 9209 Proxy-Status error token, sent with gateway and upstream errors. */
  readonly proxyStatus?: string;
}

const TABLE = {
  'request.malformed': { status: 400, title: 'The request is not valid HTTP', source: 'client', retry: 'never' },
  'request.bad-host': {
    status: 400,
    title: 'The Host header is missing, repeated or not valid',
    source: 'client',
    retry: 'never',
  },
  'request.bad-framing': {
    status: 400,
    title: 'The length of the body is declared in conflicting or invalid ways',
    source: 'client',
    retry: 'never',
  },
  'request.bad-target': { status: 400, title: 'The request target is not valid', source: 'client', retry: 'never' },
  'request.path-refused': {
    status: 400,
    title: 'The path holds an encoded octet that this listener refuses',
    source: 'client',
    retry: 'never',
  },
  'request.bad-json': { status: 400, title: 'The body is not valid JSON', source: 'client', retry: 'never' },
  'request.invalid': {
    status: 400,
    title: 'The body is not valid for this operation',
    source: 'client',
    retry: 'never',
  },
  'request.parameter-refused': {
    status: 400,
    title: 'The provider cannot be asked for this',
    source: 'client',
    retry: 'other-endpoint',
  },
  'request.model-missing': { status: 400, title: 'The body names no model', source: 'client', retry: 'never' },
  'request.target-too-long': { status: 414, title: 'The request target is too long', source: 'client', retry: 'never' },
  'request.headers-too-large': {
    status: 431,
    title: 'The header section is too large',
    source: 'client',
    retry: 'never',
  },
  'request.too-large': { status: 413, title: 'The body is larger than allowed', source: 'client', retry: 'never' },
  'request.head-timeout': {
    status: 408,
    title: 'The request head did not arrive in time',
    source: 'client',
    retry: 'never',
  },
  'request.body-timeout': {
    status: 408,
    title: 'The request body did not arrive in time',
    source: 'client',
    retry: 'never',
  },
  'request.expectation-failed': {
    status: 417,
    title: 'The expectation cannot be met',
    source: 'client',
    retry: 'never',
  },
  'request.version-not-supported': {
    status: 505,
    title: 'This HTTP version is not supported',
    source: 'client',
    retry: 'never',
  },
  'request.coding-not-supported': {
    status: 501,
    title: 'This transfer coding is not supported',
    source: 'client',
    retry: 'never',
  },
  'request.method-not-allowed': {
    status: 405,
    title: 'This method is not allowed here',
    source: 'client',
    retry: 'never',
  },
  'request.method-not-implemented': {
    status: 501,
    title: 'This method is not known here',
    source: 'client',
    retry: 'never',
  },
  'request.upgrade-refused': {
    status: 400,
    title: 'The protocol upgrade is not offered here',
    source: 'client',
    retry: 'never',
  },
  'request.loop': {
    status: 508,
    title: 'The request has already passed this gateway',
    source: 'client',
    retry: 'never',
    proxyStatus: 'proxy_loop_detected',
  },
  'request.aborted': { status: 499, title: 'The client went away', source: 'client', retry: 'never' },
  'route.not-found': {
    status: 404,
    title: 'No route matches the request',
    source: 'client',
    retry: 'never',
    proxyStatus: 'destination_not_found',
  },
  'route.no-answer': {
    status: 500,
    title: 'The route has nothing to answer with',
    source: 'config',
    retry: 'never',
    proxyStatus: 'proxy_configuration_error',
  },
  'route.no-target': {
    status: 503,
    title: 'No target of the route can take the request',
    source: 'gateway',
    retry: 'never',
    proxyStatus: 'destination_unavailable',
  },
  'operation.not-supported': {
    status: 404,
    title: 'The AI backend does not offer this operation',
    source: 'client',
    retry: 'other-endpoint',
  },
  'model.not-found': { status: 404, title: 'No backend serves this model', source: 'client', retry: 'never' },
  'upstream.connect-failed': {
    status: 502,
    title: 'The endpoint could not be reached',
    source: 'upstream',
    retry: 'other-endpoint',
    proxyStatus: 'destination_unavailable',
  },
  'upstream.connect-timeout': {
    status: 504,
    title: 'The endpoint did not accept the connection in time',
    source: 'upstream',
    retry: 'other-endpoint',
    proxyStatus: 'connection_timeout',
  },
  'upstream.tls-failed': {
    status: 502,
    title: 'The TLS handshake with the endpoint failed',
    source: 'upstream',
    retry: 'other-endpoint',
    proxyStatus: 'tls_protocol_error',
  },
  'upstream.certificate-refused': {
    status: 502,
    title: 'The certificate of the endpoint is not trusted',
    source: 'upstream',
    retry: 'other-endpoint',
    proxyStatus: 'tls_certificate_error',
  },
  'upstream.dns-failed': {
    status: 502,
    title: 'The name of the endpoint could not be resolved',
    source: 'upstream',
    retry: 'other-endpoint',
    proxyStatus: 'dns_error',
  },
  'upstream.connection-limit': {
    status: 503,
    title: 'All connections to the endpoint are in use',
    source: 'gateway',
    retry: 'other-endpoint',
    proxyStatus: 'connection_limit_reached',
  },
  'upstream.reset': {
    status: 502,
    title: 'The endpoint closed the connection before answering',
    source: 'upstream',
    retry: 'other-endpoint',
    proxyStatus: 'connection_terminated',
  },
  'upstream.bad-response': {
    status: 502,
    title: 'The endpoint answered with invalid HTTP',
    source: 'upstream',
    retry: 'other-endpoint',
    proxyStatus: 'http_protocol_error',
  },
  'upstream.first-byte-timeout': {
    status: 504,
    title: 'The endpoint did not begin to answer in time',
    source: 'upstream',
    retry: 'other-endpoint',
    proxyStatus: 'http_response_timeout',
  },
  'upstream.first-token-timeout': {
    status: 504,
    title: 'The endpoint did not begin with anything useful in time',
    source: 'upstream',
    retry: 'other-endpoint',
    proxyStatus: 'http_response_timeout',
  },
  'upstream.too-slow': {
    status: 504,
    title: 'The endpoint answered more slowly than allowed',
    source: 'upstream',
    retry: 'other-endpoint',
    proxyStatus: 'http_response_timeout',
  },
  'upstream.credential-failed': {
    status: 502,
    title: 'The credential for the endpoint could not be made',
    source: 'gateway',
    retry: 'other-endpoint',
    proxyStatus: 'proxy_internal_error',
  },
  'upstream.idle-timeout': {
    status: 504,
    title: 'The endpoint stopped in the middle of its answer',
    source: 'upstream',
    retry: 'never',
    proxyStatus: 'http_response_timeout',
  },
  'upstream.total-timeout': {
    status: 504,
    title: 'The request took longer than allowed',
    source: 'gateway',
    retry: 'never',
    proxyStatus: 'http_response_timeout',
  },
  'upstream.cut': {
    status: 502,
    title: 'The endpoint cut its answer short',
    source: 'upstream',
    retry: 'never',
    proxyStatus: 'http_response_incomplete',
  },
  'upstream.in-band-error': {
    status: 502,
    title: 'The endpoint told of a failure inside an answer it had begun as a success',
    source: 'upstream',
    retry: 'never',
    proxyStatus: 'http_response_incomplete',
  },
  'upstream.circuit-open': {
    status: 503,
    title: 'The backend is kept out of use because it failed',
    source: 'gateway',
    retry: 'other-endpoint',
    proxyStatus: 'destination_unavailable',
  },
  'upstream.overloaded': {
    status: 503,
    title: 'The backend has as many requests as it can take',
    source: 'gateway',
    retry: 'other-endpoint',
    proxyStatus: 'connection_limit_reached',
  },
  'upstream.unhealthy': {
    status: 503,
    title: 'Every endpoint that could be asked fails its health checks',
    source: 'gateway',
    retry: 'other-endpoint',
    proxyStatus: 'destination_unavailable',
  },
  'gateway.draining': {
    status: 503,
    title: 'The gateway is shutting down',
    source: 'gateway',
    retry: 'never',
    proxyStatus: 'connection_limit_reached',
  },
  'internal.bug': {
    status: 500,
    title: 'The gateway failed',
    source: 'gateway',
    retry: 'never',
    proxyStatus: 'proxy_internal_error',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof TABLE;

export const ERROR_CODES: Readonly<Record<ErrorCode, ErrorEntry>> = TABLE;
