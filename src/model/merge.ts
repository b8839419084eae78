// Fragments of all documents become one model. Names are given once: the second use of one is an error that shows the first.
import type { ModelAlias } from './alias.ts';
import type { Backend } from './backend.ts';
import { canonicalText } from './canonical-text.ts';
import { DEFAULT_LOG } from './defaults.ts';
import type { Finding } from './finding.ts';
import { formatPlace } from './format-place.ts';
import { deepFreeze } from './freeze.ts';
import type { GatewayModel, LogSettings, Policy } from './gateway-model.ts';
import type { Listener } from './listener.ts';
import type { Locality } from './locality.ts';
import type { Origin } from './origin.ts';
import type { UsageSettings, WrittenPrice } from './prices.ts';
import { withLocality } from './resolve-locality.ts';
import type { Route } from './route.ts';
import type { Tenant } from './router.ts';

type Fragment = Partial<GatewayModel>;

interface Named {
  readonly origin: Origin;
}

interface Kind<T> {
  /** As in messages. */
  readonly word: string;
  nameOf(row: T): string;
  /** Two rows that say the same are one: documents that imply a backend or a listener may each do so. */
  readonly mayRepeat: boolean;
}

const LISTENER: Kind<Listener> = { word: 'listener', nameOf: (row) => row.id, mayRepeat: true };
const BACKEND: Kind<Backend> = { word: 'backend', nameOf: (row) => row.name, mayRepeat: true };
const ROUTE: Kind<Route> = { word: 'route', nameOf: (row) => row.name, mayRepeat: false };
const POLICY: Kind<Policy> = { word: 'policy', nameOf: (row) => row.id, mayRepeat: false };
const TENANT: Kind<Tenant> = { word: 'tenant', nameOf: (row) => row.name, mayRepeat: false };
const PRICE: Kind<WrittenPrice> = {
  word: 'price of',
  nameOf: ({ provider, model }) => `${provider}/${model}`,
  mayRepeat: true,
};
const ALIAS: Kind<ModelAlias> = { word: 'model alias', nameOf: (row) => row.alias, mayRepeat: false };

function duplicate(message: string, origin: Origin, first: Origin): Finding {
  const where = formatPlace(first);
  return {
    severity: 'error',
    code: 'config.duplicate',
    message: `${message} is already defined at ${where}`,
    mend: 'give one of them another name, or remove it',
    origin,
  };
}

/** The rows whose names are new; of two with one name the first is kept. */
function keepFirst<T extends Named>(rows: readonly T[], kind: Kind<T>, findings: Finding[]): T[] {
  const kept = new Map<string, T>();
  for (const row of rows) {
    const name = kind.nameOf(row);
    const first = kept.get(name);
    if (first === undefined) kept.set(name, row);
    else if (!kind.mayRepeat || canonicalText(first) !== canonicalText(row)) {
      findings.push(duplicate(`the ${kind.word} "${name}"`, row.origin, first.origin));
    }
  }
  return [...kept.values()];
}

function sharesAddress(a: Listener, b: Listener): boolean {
  if (a.port === 0 || a.port !== b.port) return false;
  return a.address === undefined || b.address === undefined || a.address === b.address;
}

function checkPorts(listeners: readonly Listener[], findings: Finding[]): void {
  listeners.forEach((listener, index) => {
    const first = listeners.slice(0, index).find((other) => sharesAddress(other, listener));
    if (first === undefined) return;
    const where = formatPlace(first.origin);
    findings.push({
      severity: 'error',
      code: 'config.duplicate',
      message: `the listener "${listener.id}" asks for port ${listener.port}, which the listener "${first.id}" at ${where} has`,
      mend: 'give one of them another port or address, or make them one listener with several hostnames',
      origin: listener.origin,
    });
  });
}

/** Routes of all documents in one order: documents as given, inside them as written. */
function joinRoutes(fragments: readonly Fragment[], findings: Finding[]): readonly Route[] {
  const inOrder = fragments.flatMap(({ routes = [] }) => routes.toSorted((a, b) => a.order - b.order));
  return keepFirst(inOrder, ROUTE, findings).map((route, order) => ({ ...route, order }));
}

/** Off wins, because whoever wrote it meant it; the header lists are joined. */
function joinLog(settings: readonly LogSettings[]): LogSettings {
  if (settings.length === 0) return DEFAULT_LOG;
  return {
    enabled: settings.every(({ enabled }) => enabled),
    requestHeaders: [...new Set(settings.flatMap(({ requestHeaders }) => requestHeaders))],
  };
}

/** Each part is given once. */
function joinLocality(written: readonly Locality[], findings: Finding[]): Locality | undefined {
  if (written.length === 0) return undefined;
  const first = <K extends keyof Locality>(key: K, section: string): Pick<Locality, K> | undefined => {
    const [one, ...others] = written.filter((each) => each[key] !== undefined);
    for (const { [key]: other } of others)
      if (one?.[key] && other) findings.push(duplicate(section, other.origin, one[key].origin));
    return one && ({ [key]: one[key] } as Pick<Locality, K>);
  };
  return {
    ...first('geo', 'geo_routing'),
    ...first('failover', 'multi_region'),
    ...first('zones', 'datacenter_routing'),
  };
}

/** One router, given once by its dialect; tenants of all documents. */
function joinRouting(fragments: readonly Fragment[], findings: Finding[]): Pick<GatewayModel, 'router' | 'tenants'> {
  const router = fragments.find((fragment) => fragment.router !== undefined)?.router;
  const tenants = keepFirst(
    fragments.flatMap(({ tenants: rows = [] }) => rows),
    TENANT,
    findings,
  );
  return { ...(router !== undefined && { router }), ...(tenants.length > 0 && { tenants }) };
}

function joinPrices(fragments: readonly Fragment[], findings: Finding[]): Pick<GatewayModel, 'prices'> {
  const prices = keepFirst(
    fragments.flatMap((fragment) => fragment.prices ?? []),
    PRICE,
    findings,
  );
  return prices.length === 0 ? {} : { prices };
}

/** Off wins, because whoever wrote it meant it. */
function joinUsage(fragments: readonly Fragment[]): Pick<GatewayModel, 'usage'> {
  const written = fragments.flatMap((fragment): UsageSettings[] =>
    fragment.usage === undefined ? [] : [fragment.usage],
  );
  return written.length === 0 ? {} : { usage: { estimate: written.every(({ estimate }) => estimate) } };
}

export interface MergedModel {
  /** Deep-frozen. Complete even when findings say that it must not be used. */
  readonly model: GatewayModel;
  readonly findings: readonly Finding[];
}

export function mergeFragments(fragments: readonly Fragment[]): MergedModel {
  const findings: Finding[] = [];
  const listeners = keepFirst(
    fragments.flatMap(({ listeners: rows = [] }) => rows),
    LISTENER,
    findings,
  );
  checkPorts(listeners, findings);
  const locality = joinLocality(
    fragments.flatMap((fragment) => fragment.locality ?? []),
    findings,
  );
  // A dialect gives each of them once.
  const discovery = fragments.find((fragment) => fragment.discovery !== undefined)?.discovery;
  const health = fragments.find((fragment) => fragment.health !== undefined)?.health;
  const model: GatewayModel = {
    listeners,
    routes: joinRoutes(fragments, findings),
    backends: keepFirst(
      fragments.flatMap(({ backends = [] }) => backends),
      BACKEND,
      findings,
    ).map((backend) => withLocality(backend, locality)),
    policies: keepFirst(
      fragments.flatMap(({ policies = [] }) => policies),
      POLICY,
      findings,
    ),
    aliases: keepFirst(
      fragments.flatMap(({ aliases = [] }) => aliases),
      ALIAS,
      findings,
    ),
    log: joinLog(fragments.flatMap(({ log }) => log ?? [])),
    ...(locality !== undefined && { locality }),
    ...(health !== undefined && { health }),
    ...(discovery !== undefined && { discovery }),
    ...joinRouting(fragments, findings),
    ...joinPrices(fragments, findings),
    ...joinUsage(fragments),
  };
  return { model: deepFreeze(structuredClone(model)), findings };
}
