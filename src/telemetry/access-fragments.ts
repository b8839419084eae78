// The parts of a log line that come again with most requests, made once and kept as text. Bounded, because hosts and model
// names are what clients write.
import { ownedText } from '../base/owned-text.ts';
import type { AccessAttempt, AccessGenAi, AccessRecord } from './access-record.ts';
import { count, optionalField, quoted } from './json-text.ts';

/** A set has so many places: its facts replace each other in turn, so that four kinds of request never fight for one place. */
const WAYS = 4;
/** A power of two. Endpoints and models are few. */
const SETS = 256;
/** hot: ten thousand routes find their text: making it anew cost 3 of 32 us a request (bench/macro/routes.ts). */
const ROUTE_SETS = 4096;
/** Longer text is made anew each time, so that a table stays below 2 MiB, that of routes below 32. */
const MAX_KEPT_TEXT = 1024;

class FragmentTable<T> {
  readonly facts: (T | undefined)[];
  readonly texts: string[];
  private readonly shift: number;
  private turn = 0;

  constructor(sets: number) {
    this.facts = Array.from({ length: sets * WAYS }, () => undefined);
    this.texts = Array.from({ length: sets * WAYS }, () => '');
    this.shift = 32 - Math.log2(sets);
  }

  /** First place of the set that two numbers fall into. */
  setOf(one: number, other: number): number {
    return (Math.imul(Math.imul(one, 131) + other, 0x9e3779b1) >>> this.shift) * WAYS;
  }

  /** `facts` is called only for what is kept. */
  keep(set: number, text: string, facts: () => T): string {
    if (text.length > MAX_KEPT_TEXT) return text;
    const place = set + (this.turn++ & (WAYS - 1));
    this.facts[place] = facts();
    this.texts[place] = ownedText(text);
    return this.texts[place];
  }
}

type RouteFacts = Pick<
  AccessRecord,
  | 'method'
  | 'host'
  | 'httpVersion'
  | 'status'
  | 'listener'
  | 'routeName'
  | 'routeWhy'
  | 'upstream'
  | 'streamEnd'
  | 'tenant'
>;
type KeptRoute = RouteFacts & { readonly path: string | undefined };
type AttemptFacts = Pick<AccessAttempt, 'backend' | 'endpoint' | 'status'>;
type ModelFacts = Pick<
  AccessGenAi,
  'operation' | 'provider' | 'requestModel' | 'sentModel' | 'responseModel' | 'streaming'
>;

/** hot: compared field by field, no key is built; the set is chosen by what is cheap to read. */
export class AccessFragments {
  private readonly routes = new FragmentTable<KeptRoute>(ROUTE_SETS);
  private readonly attempts = new FragmentTable<AttemptFacts>(SETS);
  private readonly models = new FragmentTable<ModelFacts>(SETS);

  /** From within `request` to before `attempts`. The path is part of it where it is one of a few, else undefined. */
  route(record: RouteFacts, path: string | undefined): string {
    const { facts, texts } = this.routes;
    const { method, host, status } = record;
    const name = record.routeName ?? '';
    const set = this.routes.setOf((status + method.length * 7 + mixed(name)) | 0, mixed(host));
    for (let place = set; place < set + WAYS; place++) {
      const kept = facts[place];
      if (
        kept !== undefined &&
        kept.status === status &&
        kept.method === method &&
        kept.routeName === record.routeName &&
        kept.upstream === record.upstream &&
        kept.routeWhy === record.routeWhy &&
        kept.streamEnd === record.streamEnd &&
        kept.tenant === record.tenant &&
        kept.listener === record.listener &&
        kept.httpVersion === record.httpVersion &&
        kept.path === path &&
        kept.host === host
      )
        return texts[place];
    }
    return this.routes.keep(set, routeText(record, path), () => ownedRoute(record, path));
  }

  /** One attempt up to the value of `ms`. */
  attempt(attempt: AttemptFacts): string {
    const { facts, texts } = this.attempts;
    const { backend, endpoint, status } = attempt;
    const set = this.attempts.setOf(
      status + lastCode(endpoint),
      endpoint.length * 31 + endpoint.charCodeAt(endpoint.length - 6),
    );
    for (let place = set; place < set + WAYS; place++) {
      const kept = facts[place];
      if (kept !== undefined && kept.status === status && kept.endpoint === endpoint && kept.backend === backend)
        return texts[place];
    }
    const text = `{"backend":${quoted(backend)},"endpoint":${quoted(endpoint)},"status":${count(status)},"ms":`;
    return this.attempts.keep(set, text, () => ({
      backend: ownedText(backend),
      endpoint: ownedText(endpoint),
      status,
    }));
  }

  /** OpenTelemetry's attribute names, nested at their dots; up to where the numbers begin. */
  model(genAi: ModelFacts): string {
    const { facts, texts } = this.models;
    const { requestModel, responseModel, streaming } = genAi;
    const set = this.models.setOf(
      lastCode(requestModel) * 2 + (streaming ? 1 : 0),
      requestModel.length * 31 + responseModel.length,
    );
    for (let place = set; place < set + WAYS; place++) {
      const kept = facts[place];
      if (
        kept !== undefined &&
        kept.streaming === streaming &&
        kept.operation === genAi.operation &&
        kept.provider === genAi.provider &&
        kept.requestModel === requestModel &&
        kept.sentModel === genAi.sentModel &&
        kept.responseModel === responseModel
      )
        return texts[place];
    }
    return this.models.keep(set, modelText(genAi), () => ownedModel(genAi));
  }
}

/** Names of one kind differ at their end (`r1`, `r2`), in front (`a-orders`) or in the middle. Read: six characters. */
function mixed(text: string): number {
  const { length } = text;
  if (length < 4) return length === 0 ? 0 : text.charCodeAt(0) * 31 + text.charCodeAt(length - 1) + length * 977;
  const end = (text.charCodeAt(length - 1) * 31 + text.charCodeAt(length - 2)) * 31 + text.charCodeAt(length - 3);
  const rest = (text.charCodeAt(0) * 31 + text.charCodeAt(length >> 1)) * 31 + text.charCodeAt(length >> 2);
  return (Math.imul(end * 31 + text.charCodeAt(length - 4), 0x01000193) ^ (rest + length)) | 0;
}

function lastCode(text: string): number {
  return text.length === 0 ? 0 : text.charCodeAt(text.length - 1);
}

function routeText(record: RouteFacts, path: string | undefined): string {
  const { routeName } = record;
  return (
    `${optionalField('path', path)},"method":${quoted(record.method)},"host":${quoted(record.host)},` +
    `"http_version":${quoted(record.httpVersion)}},"status":${count(record.status)},"listener":${quoted(record.listener)},` +
    `"route_name":${routeName === undefined ? 'null' : quoted(routeName)}${optionalField('route_why', record.routeWhy)}` +
    `${optionalField('upstream', record.upstream)}${optionalField('stream_end', record.streamEnd)}` +
    optionalField('tenant', record.tenant)
  );
}

function modelText(genAi: ModelFacts): string {
  return (
    `,"gen_ai":{"operation":{"name":${quoted(genAi.operation)}},"provider":{"name":${quoted(genAi.provider)}},` +
    `"request":{"model":${quoted(genAi.requestModel)},"sent_model":${quoted(genAi.sentModel)},"streaming":${genAi.streaming}},` +
    `"response":{"model":${quoted(genAi.responseModel)},"first_token_ms":`
  );
}

function ownedRoute(record: RouteFacts, path: string | undefined): KeptRoute {
  const { httpVersion, status, listener, routeName, routeWhy, upstream, streamEnd, tenant } = record;
  const names = { httpVersion, status, listener, routeName, routeWhy, upstream, streamEnd, tenant };
  return {
    ...names,
    method: ownedText(record.method),
    host: ownedText(record.host),
    path: path === undefined ? undefined : ownedText(path),
  };
}

function ownedModel({
  operation,
  provider,
  requestModel,
  sentModel,
  responseModel,
  streaming,
}: ModelFacts): ModelFacts {
  const models = {
    requestModel: ownedText(requestModel),
    sentModel: ownedText(sentModel),
    responseModel: ownedText(responseModel),
  };
  return { operation, provider, streaming, ...models };
}
