// The paths of the admin server: one function each, from what was asked to what is answered.
import { problemDocument } from '../errors/problem.ts';
import type { AdminView, ExplainInput, ForceRegionRequest, ForceRequest, RouterHealthView } from './admin-view.ts';
import { redactModel } from './redact-model.ts';
import { REQUEST_COST_PATH, requestIdIn } from './request-cost.ts';

export interface AdminRequest {
  readonly url: URL;
  readonly body: string;
}

export interface AdminAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

type Answer = (view: AdminView, request: AdminRequest) => AdminAnswer | Promise<AdminAnswer>;

const JSON_TYPE = 'application/json';

function json(status: number, value: unknown): AdminAnswer {
  return { status, contentType: JSON_TYPE, text: `${JSON.stringify(value, undefined, 2)}\n` };
}

/** RFC 9457, for errors that are about the admin request itself and so have no entry in the table of gateway errors. */
export function adminProblem(status: number, title: string, detail: string): AdminAnswer {
  return {
    status,
    contentType: 'application/problem+json',
    text: `${JSON.stringify({ type: 'about:blank', title, status, detail })}\n`,
  };
}

const text = (status: number, line: string): AdminAnswer => ({
  status,
  contentType: 'text/plain; charset=utf-8',
  text: `${line}\n`,
});

function health(view: AdminView): AdminAnswer {
  const status = view.status();
  const isServing = status.status === 'ready' && status.workers.up > 0;
  return json(isServing ? 200 : 503, status);
}

function ready(view: AdminView): AdminAnswer {
  const { status, workers } = view.status();
  if (status === 'ready' && workers.up > 0) return text(200, 'ready');
  return text(503, status === 'ready' ? 'no worker is up' : status);
}

function isPairs(value: unknown): value is readonly (readonly [string, string])[] {
  return (
    Array.isArray(value) &&
    value.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === 'string'))
  );
}

/** `headers` may be an object or a list of pairs; a body that is not a string is sent as JSON. */
function readExplainInput({ url, body }: AdminRequest): ExplainInput | string {
  let given: Record<string, unknown> = {};
  if (body.trim() !== '') {
    try {
      const parsed: unknown = JSON.parse(body);
      if (typeof parsed !== 'object' || parsed === null) return 'The body must be a JSON object.';
      given = parsed as Record<string, unknown>;
    } catch {
      return 'The body is not valid JSON.';
    }
  }
  const target = given.path ?? given.url ?? url.searchParams.get('path') ?? url.searchParams.get('url');
  const method = given.method ?? url.searchParams.get('method') ?? (given.body === undefined ? 'GET' : 'POST');
  if (typeof target !== 'string' || target === '') return 'Say which request: {"path": "/v1/chat/completions"}.';
  if (typeof method !== 'string') return '`method` must be a string.';
  const headers = isPairs(given.headers)
    ? given.headers
    : Object.entries(given.headers ?? {}).map(([name, value]) => [name, String(value)] as const);
  const text = given.body === undefined || typeof given.body === 'string' ? given.body : JSON.stringify(given.body);
  return { method: method.toUpperCase(), target, headers, body: text };
}

async function explain(view: AdminView, request: AdminRequest): Promise<AdminAnswer> {
  const input = readExplainInput(request);
  if (typeof input === 'string') return adminProblem(400, 'The request to explain is not valid', input);
  const explanation = await view.explain(input);
  if (explanation === undefined)
    return {
      status: 503,
      contentType: 'application/problem+json',
      text: problemDocument('gateway.draining', 'no worker is up to explain it', ''),
    };
  return json(200, explanation);
}

/** The members of a JSON object, or what is wrong with the body. */
function readMembers(body: string): Readonly<Record<string, unknown>> | string {
  let given: unknown;
  try {
    given = JSON.parse(body);
  } catch {
    return 'The body is not valid JSON.';
  }
  if (typeof given !== 'object' || given === null) return 'The body must be a JSON object.';
  return given as Readonly<Record<string, unknown>>;
}

function readForce(body: string): ForceRequest | string {
  const given = readMembers(body);
  if (typeof given === 'string') return given;
  const { backend, endpoint, force } = given;
  if (typeof backend !== 'string') return 'Say which backend: {"backend": "name", "force": "open"}.';
  if (endpoint !== undefined && typeof endpoint !== 'string') return '`endpoint` must be the URL of an endpoint.';
  if (force !== 'open' && force !== 'closed' && force !== 'auto') return '`force` must be open, closed or auto.';
  return { backend, endpoint, force };
}

function forceBreaker(view: AdminView, { body }: AdminRequest): AdminAnswer {
  const request = readForce(body);
  if (typeof request === 'string') return adminProblem(400, 'The request is not valid', request);
  const refused = view.forceBreaker(request);
  if (refused !== undefined) return adminProblem(404, 'Not found', refused);
  return json(
    200,
    view.backends().find(({ name }) => name === request.backend),
  );
}

/** The short form is what dashboards of AI gateways read; `?verbose=1` tells everything. */
function routerHealth(view: AdminView, { url }: AdminRequest): AdminAnswer {
  const detail = view.routerHealth();
  const verbose = url.searchParams.get('verbose');
  if (verbose !== null && verbose !== '0' && verbose !== 'false') return json(200, detail);
  const short: RouterHealthView = {
    providers: detail.providers.map(({ name, status, latency_ms, success_rate }) => ({
      name,
      status,
      latency_ms,
      success_rate,
    })),
  };
  return json(200, short);
}

function readForceRegion(body: string): ForceRegionRequest | string {
  const given = readMembers(body);
  if (typeof given === 'string') return given;
  const { region, force } = given;
  if (typeof region !== 'string') return 'Say which region: {"region": "name", "force": "out"}.';
  if (force !== 'out' && force !== 'in' && force !== 'auto') return '`force` must be out, in or auto.';
  return { region, force };
}

function forceRegion(view: AdminView, { body }: AdminRequest): AdminAnswer {
  const request = readForceRegion(body);
  if (typeof request === 'string') return adminProblem(400, 'The request is not valid', request);
  const refused = view.forceRegion(request);
  if (refused !== undefined) return adminProblem(404, 'Not found', refused);
  return json(
    200,
    view.regions().regions.find(({ name }) => name === request.region),
  );
}

async function requestCost(view: AdminView, { url }: AdminRequest): Promise<AdminAnswer> {
  const cost = await view.explainCost(requestIdIn(url.pathname) ?? '');
  if (cost !== undefined) return json(200, cost);
  return adminProblem(404, 'Not found', 'It is not among the last AI requests of this gateway that had tokens.');
}

function crash(view: AdminView, { url }: AdminRequest): AdminAnswer {
  if (view.crashWorker === undefined) return adminProblem(404, 'Not found', 'There is nothing at this path.');
  view.crashWorker(Number(url.searchParams.get('worker') ?? 0));
  return json(202, {});
}

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Answers by path and method; `GET` answers `HEAD` too. */
export const ADMIN_ROUTES: Readonly<Record<string, Readonly<Record<string, Answer>>>> = {
  '/health': { GET: () => text(200, 'alive') },
  '/ready': { GET: ready },
  '/gateway/health': { GET: health },
  '/metrics': { GET: (view) => ({ status: 200, contentType: METRICS_TYPE, text: view.exposition() }) },
  '/version': { GET: (view) => json(200, { version: view.status().version }) },
  '/api/v1/config': {
    GET: (view) => {
      const model = view.model();
      return json(200, model === undefined ? {} : redactModel(model));
    },
  },
  '/api/v1/findings': {
    GET: (view) => json(200, { configuration: view.status().configuration, findings: view.findings() }),
  },
  '/api/v1/explain': { POST: explain },
  '/api/v1/backends': { GET: (view) => json(200, { backends: view.backends() }) },
  '/api/v1/admin/router/health': { GET: routerHealth },
  '/api/v1/breakers': { POST: forceBreaker },
  '/api/v1/regions': { GET: (view) => json(200, view.regions()), POST: forceRegion },
  '/api/v1/reload': {
    POST: async (view) => {
      const result = await view.reload();
      return json(result.outcome === 'refused' ? 422 : 200, result);
    },
  },
  [REQUEST_COST_PATH]: { GET: requestCost },
  '/__test/crash': { POST: crash },
};

/** What is offered at a path; undefined = nothing. */
export function routesAt(path: string): Readonly<Record<string, Answer>> | undefined {
  if (requestIdIn(path) !== undefined) return ADMIN_ROUTES[REQUEST_COST_PATH];
  return Object.hasOwn(ADMIN_ROUTES, path) ? ADMIN_ROUTES[path] : undefined;
}

/** For people who ask at the wrong place. */
export const SHOWN_PATHS = Object.keys(ADMIN_ROUTES)
  .filter((path) => !path.startsWith('/__test/'))
  .join(' ');
