// A gateway in one thread whose endpoints and whose time are played by the test.
import { DeadlineWheel } from '../../base/deadline-wheel.ts';
import type { GatewayModel } from '../../model/gateway-model.ts';
import { backendRowId, rowIdsOf } from '../../model/row-ids.ts';
import type { Exchange } from '../../pipeline/exchange.ts';
import { retryBudgetKey } from '../../state/retry-budget.ts';
import type { EndpointAddress } from '../../upstream/client/connect.ts';
import type { UpstreamCall } from '../../upstream/client/upstream-call.ts';
import { Admissions } from '../admissions.ts';
import { compileRuntime } from '../compile.ts';
import type { Runtime } from '../runtime.ts';
import type { ThreadResources } from '../thread-resources.ts';
import { answerOf, exchangeOf, RecordedWriter } from './exchanges.ts';
import { gatewayModel, threadResources } from './gateway-model.ts';

/** A call somebody waits for, at an endpoint. */
export interface StagedCall {
  readonly host: string;
  readonly call: UpstreamCall;
}

export interface StagedRequest {
  /** `GET /x` */
  readonly line: string;
  readonly fields?: readonly string[];
  readonly body?: string;
  readonly isUpgrade?: boolean;
}

export class Stage {
  readonly exchanges: Exchange[] = [];
  readonly wheel: DeadlineWheel;
  readonly resources: ThreadResources;
  readonly runtime: Runtime;
  nowMs = 1000;
  readonly bugs: string[] = [];
  /** The next call is met by a bug. */
  breaksNext = false;
  private readonly all: StagedCall[] = [];
  private readonly rows: Readonly<Record<string, number>>;
  private readonly model: GatewayModel;

  constructor(parts: Partial<GatewayModel>) {
    this.model = gatewayModel(parts);
    const now = () => this.nowMs;
    const startedMs = Date.now();
    this.wheel = new DeadlineWheel({ now });
    const real = threadResources();
    const { table } = real.admissions;
    this.resources = {
      ...real,
      wheel: this.wheel,
      reportBug: (stack) => this.bugs.push(stack),
      nowMs: now,
      wallMs: () => startedMs + this.nowMs,
      admissions: new Admissions(table, { wheel: this.wheel, nowMs: now, random: () => 0, tick() {} }),
      pools: {
        acquire: (_key: string, make: () => { address: EndpointAddress }) => this.pool(make()),
        release() {},
        close() {},
      } as never,
    };
    const keys = [...rowIdsOf(this.model), ...this.model.backends.map(({ id }) => retryBudgetKey(id))];
    this.rows = Object.fromEntries(keys.map((key, row) => [key, row]));
    this.runtime = compileRuntime(this.model, this.rows, this.resources, 1);
  }

  private pool({ address }: { readonly address: EndpointAddress }) {
    return {
      dispatch: (call: UpstreamCall) => {
        if (this.breaksNext) throw new Error('a bug on demand');
        call.sentAtMs = this.nowMs;
        this.all.push({ host: address.host, call });
      },
    };
  }

  request({ line, fields = [], body, isUpgrade = false }: StagedRequest): Exchange {
    const options = { writer: new RecordedWriter(), startedAtMs: this.nowMs };
    const exchange = exchangeOf(line, fields, options);
    if (body !== undefined) exchange.body.setWhole(Buffer.from(body), 0, Buffer.byteLength(body));
    exchange.isUpgrade = isUpgrade;
    this.exchanges.push(exchange);
    this.runtime.handlerFor('default')?.handle(exchange);
    return exchange;
  }

  /** Calls somebody still waits for, oldest first. */
  get open(): readonly StagedCall[] {
    return this.all.filter(({ call }) => !call.isCancelled);
  }

  get hosts(): readonly string[] {
    return this.open.map(({ host }) => host);
  }

  /** The one open call at this endpoint. */
  at(host: string): UpstreamCall {
    const found = this.open.filter((each) => each.host === host);
    if (found.length !== 1) throw new Error(`${found.length} calls at ${host}`);
    return found[0].call;
  }

  /** Takes the call out: nothing is heard of it afterwards. */
  settle(call: UpstreamCall): UpstreamCall['receiver'] {
    const index = this.all.findIndex((each) => each.call === call);
    if (index !== -1) this.all.splice(index, 1);
    return call.receiver;
  }

  answer(call: UpstreamCall, status = 200, fields: readonly string[] = []): void {
    call.receiver.onHead(answerOf(call.method, [`HTTP/1.1 ${status} Some`, 'Content-Length: 0', ...fields]));
    if (!call.isCancelled) this.settle(call).onAnswerEnd(undefined);
  }

  fail(call: UpstreamCall, neverSent = false): void {
    this.settle(call).onFailure({ code: 'upstream.reset', detail: '', neverSent });
  }

  /** A piece of a body, in a read of its own. */
  piece(call: UpstreamCall, text: string): void {
    const bytes = Buffer.from(text);
    call.receiver.write(bytes, 0, bytes.length);
    if (!call.isCancelled) call.receiver.onReadEnd();
  }

  pass(ms: number): void {
    this.nowMs += ms;
    this.wheel.advance();
  }

  /** Requests in flight at the endpoints, as balancers see them. */
  get endpointLoad(): number {
    const ids = this.model.backends.flatMap(({ endpoints }) => endpoints.map(({ id }) => id as string));
    return ids.reduce((sum, id) => sum + this.resources.table.inFlight(this.rows[id]), 0);
  }

  inFlight(backend: string): number {
    return this.resources.admissions.table.inFlight(this.rows[backendRowId(backend)]);
  }

  /** What its backend may have in flight now. */
  limitOf(name: string): number {
    const concurrency = this.model.backends.find((backend) => backend.name === name)?.concurrency;
    if (concurrency === undefined) throw new Error(`${name} has no limit`);
    return this.resources.admissions.table.limit(this.rows[backendRowId(name)], concurrency);
  }

  waiting(backend: string): number {
    return this.resources.admissions.table.waitingUpTo(this.rows[backendRowId(backend)], 2);
  }

  /** Failures in a row as the breakers of the endpoints count them. */
  get endpointFailures(): number {
    const ids = this.model.backends.flatMap(({ endpoints }) => endpoints.map(({ id }) => id as string));
    const failures = ids.map((id) => this.resources.breakers.describe(this.rows[id], this.nowMs).consecutiveFailures);
    return failures.reduce((sum, each) => sum + each, 0);
  }

  async close(): Promise<void> {
    await this.runtime.dispose();
    this.resources.close();
  }
}

export function replyOf({ writer }: Exchange): RecordedWriter {
  return writer as RecordedWriter;
}
