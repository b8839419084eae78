// The parts of a log line that come again with most requests, made once and kept as text: with them a line is a third of the
// concatenations it was. Bounded, because model names are what clients write.
import type { AccessAttempt, AccessGenAi, AccessRecord } from './access-record.ts';
import { count, quoted } from './json-text.ts';

/** What is kept per name. Distinct facts under one name replace each other. */
interface Kept<T> {
  readonly facts: T;
  readonly text: string;
}

const MAX_KEPT = 1024;
/** Host and method may be slices of a whole request head, which they keep in memory. */
const MAX_KEPT_METHODS = 32;
/** Longer names are made anew each time, so that kept text stays below a few hundred KiB. */
const MAX_KEPT_NAME = 200;

function keep<T>(map: Map<string, Kept<T>>, name: string, kept: Kept<T>): string {
  if (name.length > MAX_KEPT_NAME) return kept.text;
  if (map.size >= MAX_KEPT) map.clear();
  map.set(name, kept);
  return kept.text;
}

/** `,"name":"value"`, or nothing for what is not there. */
export function optionalField(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":${quoted(value)}`;
}

type RouteFacts = Pick<AccessRecord, 'listener' | 'routeName' | 'routeWhy' | 'upstream'>;
type RequestFacts = Pick<AccessRecord, 'method' | 'host' | 'httpVersion'>;
type AttemptFacts = Pick<AccessAttempt, 'backend' | 'endpoint' | 'status'>;
type ModelFacts = Pick<
  AccessGenAi,
  'operation' | 'provider' | 'requestModel' | 'sentModel' | 'responseModel' | 'streaming'
>;

/** hot: compared field by field, no key is built. Before them, and with every id tested for escapes, a line of bench/micro/access-log.ts took 2.2 to 2.5 times as long, run side by side. */
export class AccessFragments {
  private readonly routes = new Map<string, Kept<RouteFacts>>();
  private readonly clients = new Map<string, Kept<string>>();
  private readonly requests = new Map<string, Kept<RequestFacts>>();
  private readonly attempts = new Map<string, Kept<AttemptFacts>>();
  private readonly models = new Map<string, Kept<ModelFacts>>();

  route(record: RouteFacts): string {
    const name = record.routeName ?? '';
    const kept = this.routes.get(name);
    if (
      kept !== undefined &&
      kept.facts.routeName === record.routeName &&
      kept.facts.upstream === record.upstream &&
      kept.facts.routeWhy === record.routeWhy &&
      kept.facts.listener === record.listener
    )
      return kept.text;
    const { listener, routeName, routeWhy, upstream } = record;
    const text = `,"listener":${quoted(listener)},"route_name":${routeName === undefined ? 'null' : quoted(routeName)}${optionalField('route_why', routeWhy)}${optionalField('upstream', upstream)}`;
    return keep(this.routes, name, { facts: { listener, routeName, routeWhy, upstream }, text: flat(text) });
  }

  client(ip: string): string {
    return (
      this.clients.get(ip)?.text ?? keep(this.clients, ip, { facts: ip, text: flat(`,"client_ip":${quoted(ip)}`) })
    );
  }

  /** Up to the value of `path`. */
  request(record: RequestFacts): string {
    const kept = this.requests.get(record.method);
    if (kept !== undefined && kept.facts.host === record.host && kept.facts.httpVersion === record.httpVersion)
      return kept.text;
    const { method, host, httpVersion } = record;
    if (this.requests.size >= MAX_KEPT_METHODS) this.requests.clear();
    const text = `,"request":{"method":${quoted(method)},"host":${quoted(host)},"http_version":${quoted(httpVersion)},"path":`;
    return host.length > MAX_KEPT_NAME
      ? text
      : keep(this.requests, method, { facts: { method, host, httpVersion }, text: flat(text) });
  }

  attempt(attempt: AttemptFacts): string {
    const kept = this.attempts.get(attempt.endpoint);
    if (kept !== undefined && kept.facts.status === attempt.status && kept.facts.backend === attempt.backend)
      return kept.text;
    const { backend, endpoint, status } = attempt;
    const text = `{"backend":${quoted(backend)},"endpoint":${quoted(endpoint)},"status":${count(status)},"ms":`;
    return keep(this.attempts, endpoint, { facts: { backend, endpoint, status }, text: flat(text) });
  }

  /** OpenTelemetry's attribute names, nested at their dots; up to where the numbers begin. */
  model(genAi: ModelFacts): string {
    const kept = this.models.get(genAi.requestModel);
    if (
      kept !== undefined &&
      kept.facts.responseModel === genAi.responseModel &&
      kept.facts.sentModel === genAi.sentModel &&
      kept.facts.streaming === genAi.streaming &&
      kept.facts.provider === genAi.provider &&
      kept.facts.operation === genAi.operation
    )
      return kept.text;
    const { operation, provider, requestModel, sentModel, responseModel, streaming } = genAi;
    const text =
      `,"gen_ai":{"operation":{"name":${quoted(operation)}},"provider":{"name":${quoted(provider)}},` +
      `"request":{"model":${quoted(requestModel)},"sent_model":${quoted(sentModel)},"streaming":${streaming}},` +
      `"response":{"model":${quoted(responseModel)},"first_token_ms":`;
    const facts = { operation, provider, requestModel, sentModel, responseModel, streaming };
    return responseModel.length > MAX_KEPT_NAME ? text : keep(this.models, requestModel, { facts, text: flat(text) });
  }
}

/** Concatenated text is a tree of its parts until somebody reads it; what is used again should be one piece. */
function flat(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
