// A connection to a simulated endpoint, in the place of a socket's (upstream/client/upstream-connection.ts): the same pool holds it,
// the same time limits end it, and its call hears the same in the same order.
import type { Deadline } from '../base/deadline-wheel.ts';
import type { ErrorCode } from '../errors/codes.ts';
import type { ConnectionPool, PooledConnection } from '../upstream/client/connection-pool.ts';
import type { UpstreamCall } from '../upstream/client/upstream-call.ts';
import { parseResponseHead, ResponseHead } from '../wire/http1-response-parser.ts';
import type { Action } from './answer-script.ts';

/** The other end. */
export interface ConnectionHost {
  /** Calls `connected`, `refused`, or nothing. */
  connecting(connection: SimulatedConnection): void;
  /** The request is there, whole. */
  requested(connection: SimulatedConnection, call: UpstreamCall): void;
  /** Nobody waits for the answer any more. */
  abandoned(connection: SimulatedConnection): void;
  closed(connection: SimulatedConnection): void;
}

type Phase = 'connecting' | 'idle' | 'head' | 'body' | 'closed';

export class SimulatedConnection implements PooledConnection, Deadline {
  deadlineMs = 0;
  wheelTick = -1;
  private readonly pool: ConnectionPool<PooledConnection>;
  private readonly host: ConnectionHost;
  private readonly head = new ResponseHead();
  private phase: Phase = 'connecting';
  private call: UpstreamCall | undefined;
  private idleSinceMs = 0;
  private served = 0;
  private isPaused = false;
  /** Came while the receiver wanted nothing more. */
  private heldActions: Action[] = [];

  constructor(pool: ConnectionPool<PooledConnection>, call: UpstreamCall, host: ConnectionHost) {
    this.pool = pool;
    this.host = host;
    this.call = call;
    call.holder = this;
    pool.wheel.set(this, pool.nowMs() + call.timeouts.connectMs);
    host.connecting(this);
  }

  get isConnecting(): boolean {
    return this.phase === 'connecting';
  }

  connected(): void {
    if (this.phase !== 'connecting') return;
    this.pool.tick();
    this.pool.connected();
    const { call } = this;
    if (call !== undefined) this.send(call);
    else this.makeIdle();
  }

  refused(): void {
    if (this.phase !== 'connecting') return;
    this.pool.tick();
    this.failConnect('upstream.connect-failed', 'connection refused');
  }

  isReusable(nowMs: number, idleTimeoutMs: number): boolean {
    return this.phase === 'idle' && nowMs - this.idleSinceMs < idleTimeoutMs;
  }

  send(call: UpstreamCall): void {
    this.call = call;
    call.holder = this;
    this.phase = 'head';
    const nowMs = this.pool.nowMs();
    call.sentAtMs = nowMs;
    this.pool.wheel.set(this, nowMs + call.timeouts.firstByteMs);
    if (call.stream === undefined) this.host.requested(this, call);
    else this.upload(call);
  }

  private upload(call: UpstreamCall): void {
    call.stream?.stream({
      onBodyChunk: () => {
        if (this.call === call && this.phase === 'head')
          this.pool.wheel.set(this, this.pool.nowMs() + call.timeouts.firstByteMs);
      },
      onBodyEnd: () => {
        if (this.call === call) this.host.requested(this, call);
      },
      onBodyFailure: (code) => {
        if (this.call === call) this.failCall(code, 'the request body failed');
      },
    });
  }

  /** What the endpoint sent in one piece. */
  receive(actions: readonly Action[]): void {
    const { call } = this;
    if (call === undefined || this.phase === 'closed') return;
    this.pool.tick();
    if (this.isPaused) {
      this.heldActions.push(...actions);
      return;
    }
    for (const action of actions) {
      if (this.call !== call || call.isCancelled) return;
      this.take(action, call);
    }
    if (this.call !== call || call.isCancelled || this.phase !== 'body') return;
    this.pool.wheel.set(this, this.pool.nowMs() + call.timeouts.idleMs);
    call.receiver.onReadEnd();
  }

  private take(action: Action, call: UpstreamCall): void {
    if (action.kind === 'head') {
      const bytes = Buffer.from(action.text, 'latin1');
      parseResponseHead(bytes, 0, bytes.length, call.method, this.head);
      this.phase = 'body';
      call.receiver.onHead(this.head);
    } else if (action.kind === 'body') {
      const bytes = Buffer.from(action.text, 'utf8');
      if (this.head.framing !== 'none' && bytes.length > 0) call.receiver.write(bytes, 0, bytes.length);
    } else if (action.kind === 'end') this.finish(call);
    else if (action.kind === 'reset') this.lost();
  }

  /** As a real one: the connection goes back first, so that what the receiver starts next can use it. */
  private finish(call: UpstreamCall): void {
    this.call = undefined;
    call.holder = undefined;
    this.deadlineMs = 0;
    this.served++;
    if (this.head.closes) this.destroy();
    else this.makeIdle();
    call.receiver.onAnswerEnd(undefined);
  }

  private makeIdle(): void {
    this.phase = 'idle';
    this.idleSinceMs = this.pool.nowMs();
    this.pool.release(this);
  }

  /** The endpoint closed the connection, or reset it. */
  lost(): void {
    const { call, phase } = this;
    this.pool.tick();
    if (phase === 'connecting') this.failConnect('upstream.connect-failed', 'closed');
    else if (call === undefined) this.destroy();
    else if (phase === 'body') this.failCall('upstream.cut', 'closed in the middle of the answer');
    else if (this.served > 0 && call.mayReplay(this.pool.nowMs())) this.replay(call);
    else this.failCall('upstream.reset', 'closed before answering');
  }

  private replay(call: UpstreamCall): void {
    this.call = undefined;
    call.isReplayed = true;
    this.destroy();
    this.pool.replay(call);
  }

  private failConnect(code: ErrorCode, detail: string): void {
    const { call } = this;
    this.call = undefined;
    this.destroy();
    this.pool.connectFailed();
    if (call === undefined || call.isCancelled) return;
    call.holder = undefined;
    call.receiver.onFailure({ code, detail, neverSent: true });
  }

  private failCall(code: ErrorCode, detail: string): void {
    const { call } = this;
    this.call = undefined;
    this.destroy();
    if (call === undefined || call.isCancelled) return;
    call.holder = undefined;
    call.receiver.onFailure({ code, detail, neverSent: false });
  }

  onDeadline(): void {
    if (this.call === undefined) return;
    if (this.phase === 'connecting') this.failConnect('upstream.connect-timeout', 'no connection in time');
    else if (this.isPaused) this.pool.wheel.set(this, this.pool.nowMs() + this.call.timeouts.idleMs);
    else if (this.phase === 'body') this.failCall('upstream.idle-timeout', 'silent in the middle of the answer');
    else this.failCall('upstream.first-byte-timeout', 'no answer in time');
  }

  dropCall(): void {
    this.call = undefined;
    this.destroy();
  }

  pauseCall(): void {
    this.isPaused = true;
  }

  resumeCall(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    const held = this.heldActions;
    this.heldActions = [];
    if (held.length > 0) this.receive(held);
  }

  destroy(): void {
    if (this.phase === 'closed') return;
    this.phase = 'closed';
    this.pool.wheel.disarm(this);
    this.host.abandoned(this);
    this.host.closed(this);
    this.pool.lost(this);
  }
}
