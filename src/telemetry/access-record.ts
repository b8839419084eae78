// What the access log reads of one request. The caller's own per-request object has these fields, so that a line costs no copy.

export interface AccessAttempt {
  readonly backend: string;
  readonly endpoint: string;
  /** 0 when no answer came. */
  readonly status: number;
  readonly ms: number;
  readonly error?: string | undefined;
}

/** In pico-dollars; `total` is the sum of the others. */
export interface AccessCost {
  readonly total: number;
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly reasoning: number;
  readonly request: number;
}

/** Token counts are -1 while unknown. */
export interface AccessGenAi {
  readonly operation: string;
  readonly provider: string;
  readonly requestModel: string;
  readonly sentModel: string;
  readonly responseModel: string;
  readonly streaming: boolean;
  /** Wishes of the client that the provider was not told, in the client's words. */
  readonly dropped: readonly string[];
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly totalTokens: number;
  readonly cachedTokens: number;
  readonly reasoningTokens: number;
  readonly cacheWriteTokens: number;
  readonly audioInputTokens: number;
  readonly audioOutputTokens: number;
  /** Counts are ours, not the provider's. */
  readonly estimated: boolean;
  /** The answer was cut; counts are those of what was produced until then. */
  readonly aborted: boolean;
  /** Of all tries; undefined = without a price. */
  readonly cost: AccessCost | undefined;
  /** Of the catalog that the cost was found in. */
  readonly priceVersion: string;
  /** Tries whose answers the client did not get, and that were counted all the same. */
  readonly spent: readonly unknown[] | undefined;
  /** -1 when there was none. */
  readonly firstTokenMs: number;
}

export interface AccessRecord {
  readonly timestampMs: number;
  readonly requestId: string;
  /** Hex digits, and so is `spanId`: they come from trace-parent.ts or random-ids.ts and are written unquestioned. */
  readonly traceId: string;
  readonly spanId: string;
  readonly listener: string;
  readonly clientIp: string;
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;
  readonly httpVersion: string;
  readonly status: number;
  readonly routeName: string | undefined;
  readonly routeWhy: string | undefined;
  readonly upstream: string | undefined;
  /** Where tenants are told apart. */
  readonly tenant?: string | undefined;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly durationMs: number;
  /** -1 when no byte was sent. */
  readonly firstByteMs: number;
  readonly attempts: readonly AccessAttempt[];
  readonly errorCode: string | undefined;
  readonly errorDetail: string | undefined;
  readonly streamEnd: string | undefined;
  readonly genAi: AccessGenAi | undefined;
  /** Asked only for the header names that the log was told to show, in lower case. */
  requestHeaders(lowerName: string): string | undefined;
}
