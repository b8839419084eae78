// Why a request goes where it goes: the live decision functions, asked with a request that nobody sent. Nothing is forwarded and
// no live counter moves.
import { ERROR_CODES, type ErrorCode } from '../errors/codes.ts';
import { Exchange } from '../pipeline/exchange.ts';
import { NOWHERE } from '../pipeline/nowhere.ts';
import type { Reply } from '../pipeline/reply.ts';
import { redactQuery } from '../telemetry/credential-names.ts';
import type { HedgePolicy } from '../upstream/hedge-policy.ts';
import { BAD_HEAD, parseRequestHead, RequestHead } from '../wire/http1-request-parser.ts';
import { normalisePath, type PathRules } from '../wire/path-normal.ts';
import { type AiStart, startAi } from './ai-start.ts';
import type { CompiledRoute } from './compiled-route.ts';
import { type Asked, type AskedAi, explainAsked, type PassedOver, reasonOf } from './explain-asked.ts';
import { type ExplainedCandidate, explainCandidates, likelyEndpoint } from './explain-candidates.ts';
import { explainHedge } from './explain-hedge.ts';
import { type ExplainedLocality, explainLocality } from './explain-locality.ts';
import { type ExplainedRetries, explainRetries } from './explain-retries.ts';
import { identify } from './identify.ts';
import type { ListenerParts } from './listener-parts.ts';
import type { TargetPlan } from './plan.ts';
import { readModel } from './read-model.ts';
import { NEEDS_MODEL, NO_ROUTE } from './router/router.ts';
import type { ThreadResources } from './thread-resources.ts';
import { dropOwnFields, plainRequestHead } from './upstream-head.ts';

export interface ExplainRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly authority: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | undefined;
}

export interface RuleTried {
  readonly route: string;
  /** `file:line`. */
  readonly origin: string;
  readonly matched: boolean;
  readonly because: string;
}

export interface Explanation {
  readonly listener: string;
  readonly method: string;
  readonly host: string;
  /** After normalisation. */
  readonly path: string;
  readonly query: string;
  readonly model: string | undefined;
  /** Every rule tried, in order, up to the one that took the request. */
  readonly rules: readonly RuleTried[];
  readonly route: string | undefined;
  /** Filters of the route in the order they run. */
  readonly filters: readonly string[];
  readonly candidates: readonly ExplainedCandidate[];
  /** What the route says its target needs to run. */
  readonly resources?: Readonly<Record<string, string>>;
  /** What would follow if the first candidate failed; undefined where nothing is forwarded. */
  readonly retries: ExplainedRetries | undefined;
  /** Regions and zones of the first candidate; undefined where nothing is chosen by them. */
  readonly locality?: ExplainedLocality | undefined;
  /** When another endpoint is asked beside a slow one; absent where the route does not hedge. */
  readonly hedge?: string;
  readonly result: ExplainedResult;
}

export type ExplainedResult =
  | {
      readonly kind: 'forward';
      readonly backend: string;
      readonly endpoint: string;
      readonly requestLine: string;
      readonly host: string;
      readonly model: string | undefined;
      readonly translation?: AskedAi['translation'];
      /** Targets that would have come first but cannot be asked this. */
      readonly passedOver?: readonly PassedOver[];
    }
  | { readonly kind: 'reply'; readonly status: number; readonly error?: ErrorCode; readonly because: string };

const LIMITS = { maxHeadBytes: 1 << 20, maxTargetBytes: 1 << 16, maxHeaders: 1000 };
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Explains one request against one listener of one generation. */
export async function explainRequest(
  request: ExplainRequest,
  parts: ListenerParts,
  resources: ThreadResources,
): Promise<Explanation> {
  const exchange = toExchange(request, parts.path, resources);
  if (typeof exchange === 'string') return refused(request, parts.name, exchange);
  identify(exchange, resources);
  const early = await parts.chain.request(exchange);
  let index = early === undefined ? parts.router.match(exchange) : NO_ROUTE;
  if (index === NEEDS_MODEL) {
    await new Promise<void>((resolve) => readModel(exchange, () => resolve()));
    index = parts.router.match(exchange);
  }
  const rules = parts.router.explain(exchange).map(({ route, matched, because }) => {
    const compiled = parts.routes[route];
    return { route: compiled.name, origin: compiled.why, matched, because };
  });
  const route = index >= 0 ? parts.routes[index] : undefined;
  const base = {
    listener: parts.name,
    method: exchange.method,
    host: exchange.host,
    path: exchange.path,
    query: redactQuery(exchange.query),
    rules,
  };
  if (route === undefined) {
    const result = early === undefined ? notFound() : fromReply(early, 'a listener filter answers');
    return {
      ...base,
      model: exchange.model,
      route: undefined,
      filters: [],
      candidates: [],
      retries: undefined,
      result,
    };
  }
  const { retries, ...acted } = await act(exchange, route, { ai: parts.ai, counts: resources.costs.isEstimating });
  const { name, filterNames: filters, resources: needs } = route;
  return { ...base, ...acted, route: name, filters, ...(needs !== undefined && { resources: needs }), retries };
}

interface Acted {
  readonly candidates: readonly ExplainedCandidate[];
  readonly retries?: ExplainedRetries | undefined;
  readonly locality?: ExplainedLocality | undefined;
  readonly hedge?: string;
  readonly result: ExplainedResult;
  readonly model: string | undefined;
}

interface Surroundings {
  readonly ai: ListenerParts['ai'];
  /** The gateway counts tokens itself. */
  readonly counts: boolean;
}

async function act(exchange: Exchange, route: CompiledRoute, { ai: directory, counts }: Surroundings): Promise<Acted> {
  const answer = await route.chain.request(exchange);
  if (answer !== undefined)
    return { candidates: [], result: fromReply(answer, 'a filter of the route answers'), model: exchange.model };
  if (route.plan === undefined)
    return {
      candidates: [],
      result: { kind: 'reply', status: 500, error: 'route.no-answer', because: 'the route has no target' },
      model: exchange.model,
    };
  const { hedge, plan } = route;
  if (!route.isAi) return { ...forwarded(exchange, { plan, ai: undefined, hedge, counts }), model: exchange.model };
  const start = await new Promise<AiStart>((resolve) => startAi(exchange, route, directory, resolve));
  const model = exchange.genAi?.requestModel;
  if ('code' in start)
    return {
      candidates: [],
      result: { kind: 'reply', status: ERROR_CODES[start.code].status, error: start.code, because: start.detail },
      model,
    };
  if ('models' in start)
    return {
      candidates: [],
      result: { kind: 'reply', status: 200, because: 'the gateway lists its model aliases itself' },
      model,
    };
  return { ...forwarded(exchange, { plan: start.plan, ai: start.ai, hedge, counts }), model };
}

interface Forwarded {
  readonly plan: TargetPlan;
  readonly ai: Extract<AiStart, { ai: unknown }>['ai'] | undefined;
  readonly hedge: HedgePolicy | undefined;
  readonly counts: boolean;
}

function forwarded(exchange: Exchange, { plan, ai, hedge, counts }: Forwarded): Omit<Acted, 'model'> {
  const wallMs = Date.now();
  const candidates = explainCandidates(plan, wallMs);
  dropOwnFields(exchange);
  // Who reads explanations need not know what clients prove themselves with.
  exchange.query = redactQuery(exchange.query);
  const asked = explainAsked(exchange, { plan, ai, counts }, wallMs);
  if (asked.kind !== 'target') return { candidates, result: nobodyAsked(asked) };
  const { target, passedOver } = asked;
  const { backend } = target;
  const { locality, endpoint: ofPlaces } = explainLocality(exchange, backend.set, wallMs);
  const index = locality === undefined ? likelyEndpoint(exchange, backend, wallMs) : ofPlaces;
  const endpoint = backend.set.endpoints[index] ?? unresolved(backend.hostName);
  const plain = { requestLine: plainRequestHead(exchange, endpoint, '').split('\r\n', 1)[0], model: undefined };
  const question = { exchange, ai, policy: target.retry, hasChoice: plan.hasChoice };
  const host = exchange.rewrittenHost ?? endpoint.hostLine?.slice(6).trim() ?? exchange.authority;
  return {
    candidates,
    retries: explainRetries(question),
    ...(hedge !== undefined && { hedge: explainHedge(hedge, question) }),
    ...(locality !== undefined && { locality }),
    result: {
      kind: 'forward',
      backend: backend.name,
      endpoint: endpoint.url,
      host,
      ...(asked.ai ?? plain),
      ...(passedOver.length > 0 && { passedOver }),
    },
  };
}

function nobodyAsked(asked: Exclude<Asked, { kind: 'target' }>): ExplainedResult {
  if (asked.kind === 'nobody')
    return { kind: 'reply', status: 503, error: 'route.no-target', because: 'no target has a positive weight' };
  if (asked.kind === 'counted') {
    const because = `${asked.backend} does not count tokens: the gateway does, and says that it is an estimate`;
    return { kind: 'reply', status: 200, because };
  }
  const { code } = asked.refusal;
  return { kind: 'reply', status: ERROR_CODES[code].status, error: code, because: reasonOf(asked.refusal) };
}

/** The endpoint of a backend whose name has no address, or was not asked for one: it is not served. */
function unresolved(hostName = ''): { readonly url: string; readonly hostLine: string | undefined } {
  return { url: hostName, hostLine: undefined };
}

function toExchange(request: ExplainRequest, rules: PathRules, resources: ThreadResources): Exchange | ErrorCode {
  const body = Buffer.from(request.body ?? '');
  const fields = request.headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const length = request.body === undefined ? '' : `content-length: ${body.length}\r\n`;
  const target = request.query === '' ? request.path : `${request.path}?${request.query}`;
  const head = new RequestHead();
  const bytes = Buffer.from(
    `${request.method} ${target} HTTP/1.1\r\nhost: ${request.authority}\r\n${length}${fields}\r\n`,
    'latin1',
  );
  if (parseRequestHead(bytes, 0, bytes.length, LIMITS, head) <= BAD_HEAD + 1) return head.error;
  const path = normalisePath(head.rawPath, rules);
  if (path === undefined) return 'request.path-refused';
  const client = {
    listener: '',
    ip: '127.0.0.1',
    port: 0,
    isTls: false,
    isTrusted: false,
    isTrustedProxy: () => false,
    forwardedLines: '',
    memo: { authority: undefined, lines: '' },
    maxBufferedBodyBytes: MAX_BODY_BYTES,
  };
  const exchange = new Exchange(client, NOWHERE, { ...head, path, headers: head.headers }, resources.nowMs());
  exchange.body.setWhole(body, 0, body.length);
  return exchange;
}

function refused(request: ExplainRequest, listener: string, code: ErrorCode): Explanation {
  return {
    listener,
    method: request.method,
    host: request.authority,
    path: request.path,
    query: redactQuery(request.query),
    model: undefined,
    rules: [],
    route: undefined,
    filters: [],
    candidates: [],
    retries: undefined,
    result: { kind: 'reply', status: ERROR_CODES[code].status, error: code, because: ERROR_CODES[code].title },
  };
}

function notFound(): ExplainedResult {
  return { kind: 'reply', status: 404, error: 'route.not-found', because: 'no rule matches' };
}

function fromReply(reply: Reply, because: string): ExplainedResult {
  return {
    kind: 'reply',
    status: reply.status,
    ...(reply.error === undefined ? {} : { error: reply.error.code }),
    because,
  };
}
