// What the servers need of the rest: the current runtime, time, limits and counters. Given by app/worker.ts.
import type { DeadlineWheel } from '../base/deadline-wheel.ts';
import type { ErrorCode } from '../errors/codes.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import type { HandOffReason } from '../wire/http1-request-parser.ts';
import type { PathRules } from '../wire/path-normal.ts';

/** The part of a runtime that servers call. */
export interface ExchangeHandler {
  /** Answers the exchange through its writer, now or later. Never throws. */
  handle(exchange: Exchange): void;
  /** Answers with an error before the exchange could be routed. */
  refuse(exchange: Exchange, code: ErrorCode): void;
  /** Text of an error reply for a request that never became an exchange: complete head and body. */
  rawError(code: ErrorCode): string;
}

export interface ServerObserver {
  connectionOpened(listener: string): void;
  connectionClosed(listener: string): void;
  handedOff(reason: HandOffReason): void;
  parseError(code: ErrorCode): void;
}

/** Settings of one listener, compiled. */
export interface ListenerSettings {
  readonly name: string;
  readonly maxConnections: number;
  readonly maxHeadBytes: number;
  readonly maxTargetBytes: number;
  readonly maxHeaders: number;
  readonly maxBufferedBodyBytes: number;
  readonly maxRequestsPerConnection: number;
  readonly headTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly path: PathRules;
  readonly isTrusted: (ip: string) => boolean;
}

export interface ServerDeps {
  /** The newest generation's handler for this listener. */
  handler(): ExchangeHandler;
  /** Newest settings of this listener. */
  settings(): ListenerSettings;
  readonly wheel: DeadlineWheel;
  readonly observer: ServerObserver;
  nowMs(): number;
  /** An event enters the thread: `nowMs` moves on. */
  tick(): void;
  /** True while shutting down: connections close after their current reply. */
  isDraining(): boolean;
}
