// The section `routes`: which requests, through which filters, to which targets. A list, in the order of its author.
import type { Id } from '../../base/types.ts';
import type { Match } from '../../model/match.ts';
import type { Retry } from '../../model/retry.ts';
import type { Action, Route, Target } from '../../model/route.ts';
import { type Infer, s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import { actionWithFallback } from './fallback.ts';
import { HEDGE, toHedge } from './hedge.ts';
import { parseHost } from './host-name.ts';
import { LATER_MATCH_KEYS, LATER_ROUTE_KEYS } from './later-keys.ts';
import { MATCH, MatchReader, type WrittenMatch } from './match.ts';
import { nearestMend, type Reading } from './reading.ts';
import { RETRY } from './retry.ts';
import { FILTER_KEYS, FilterReader } from './route-filters.ts';
import { PRIORITY, readPriority } from './route-priority.ts';
import { readRouteRetry } from './route-retry.ts';
import { RULE_KEYS, readRuleKeys } from './rule-keys.ts';
import { STICKY_SESSIONS } from './rule-sessions.ts';
import { isAiBackend, type NativeScope } from './scope.ts';
import { actionWithSplit, SPLIT } from './split.ts';
import { resolveTarget } from './targets.ts';
import { TIMEOUT, toTimeouts } from './timeouts.ts';

const NAME = s.string('Name of a backend, or host:port.', { minLength: 1 });

/** One route; the names are those of the file. */
export const ROUTE = s.object(
  {
    name: s.optional(s.string('Name in metrics and logs.', { minLength: 1 })),
    match: s.optional(s.oneOrMany(MATCH, 'Which requests; of a list, any.')),
    listener: s.optional(s.oneOrMany(s.string('Name of a listener.'), 'Listeners; every one by default.')),
    listeners: s.optional(s.oneOrMany(s.string('Name of a listener.'), 'The same as listener.')),
    backend: s.optional(NAME),
    backends: s.optional(
      s.array(
        s.object({
          backend: NAME,
          weight: s.optional(
            s.integer('Share of the requests; default 1. An AI backend with 0 stands by.', { min: 0 }),
          ),
          tier: s.optional(s.integer('1 is used only when every target of 0 is out; default 0.', { min: 0 })),
        }),
        'Targets with their weights.',
      ),
    ),
    ...FILTER_KEYS,
    ...RULE_KEYS,
    sticky_sessions: STICKY_SESSIONS,
    timeout: s.optional(TIMEOUT),
    retry: s.optional(RETRY),
    hedge: s.optional(HEDGE),
    split: s.optional(SPLIT),
    priority: s.optional(PRIORITY),
    default: s.withDefault(s.boolean('Takes what no other route takes.'), false),
  },
  'Which requests, through which filters, to which targets.',
);

type Written = Infer<typeof ROUTE>;

const ANSWERS = ['backend', 'backends', 'redirect', 'respond'] as const;

class RouteReader {
  private readonly reading: Reading;
  private readonly scope: NativeScope;

  constructor(reading: Reading, scope: NativeScope) {
    this.reading = reading;
    this.scope = scope;
  }

  private withoutLater(value: unknown, path: Path): unknown {
    const own = this.reading.withoutLater(value, path, LATER_ROUTE_KEYS);
    if (typeof own !== 'object' || own === null || !Object.hasOwn(own, 'match')) return own;
    const { match } = own as { readonly match: unknown };
    const clean = (item: unknown, at: Path) => this.reading.withoutLater(item, at, LATER_MATCH_KEYS);
    const at = [...path, 'match'];
    return {
      ...own,
      match: Array.isArray(match) ? match.map((item, index) => clean(item, [...at, index])) : clean(match, at),
    };
  }

  private parents(written: Written, path: Path): readonly Id<'listener'>[] {
    const key = written.listeners === undefined ? 'listener' : 'listeners';
    if (written.listener !== undefined && written.listeners !== undefined) {
      const message = '"listener" and "listeners" are the same key';
      this.reading.error([...path, 'listener'], { code: 'config.conflict', message, mend: 'keep one of them' });
    }
    const names = written[key] ?? [];
    for (const name of names) {
      if (this.scope.listenerNames.has(name)) continue;
      const message = `no listener is called "${name}"`;
      const code = 'config.undefined-listener';
      this.reading.error([...path, key], { code, message, ...nearestMend(name, this.scope.listenerNames) });
    }
    return names as readonly Id<'listener'>[];
  }

  /** Hosts belong to the whole route, so every match of a list must name the same. */
  private hostnames(matches: readonly WrittenMatch[], path: Path): readonly string[] {
    const at = [...path, 'match'];
    const [first = [], ...others] = matches.map(({ host = [] }) => host.map((name) => name.toLowerCase()).toSorted());
    if (others.some((hosts) => hosts.join() !== first.join())) {
      const mend = 'write one route for each host';
      this.reading.error(at, {
        code: 'config.mixed-hosts',
        message: 'the matches of a route must name the same hosts',
        mend,
      });
    }
    const hosts = matches[0]?.host ?? [];
    if (hosts.includes('*')) return [];
    return hosts.flatMap((host) =>
      parseHost(host, this.reading, matches.length > 1 ? [...at, 0, 'host'] : [...at, 'host']),
    );
  }

  private matches(written: readonly WrittenMatch[], raw: unknown, path: Path): readonly Match[] {
    const isList = Array.isArray((raw as { readonly match?: unknown } | null)?.match);
    const at = [...path, 'match'];
    return written.flatMap((match, index) => new MatchReader(this.reading, isList ? [...at, index] : at).read(match));
  }

  private targets(written: Written, path: Path): readonly Target[] {
    const { reading, scope } = this;
    if (written.backend !== undefined) {
      const backend = resolveTarget(written.backend, { reading, scope, path: [...path, 'backend'] });
      return backend === undefined ? [] : [{ backend, weight: 1, tier: 0 }];
    }
    const list = written.backends ?? [];
    const standbyTier = Math.max(0, ...list.filter(({ weight = 1 }) => weight > 0).map(({ tier = 0 }) => tier)) + 1;
    const isShared = list.some(({ weight = 1 }) => weight > 0);
    return list.flatMap(({ backend: name, weight = 1, tier }, index) => {
      const backend = resolveTarget(name, { reading, scope, path: [...path, 'backends', index, 'backend'] });
      if (backend === undefined) return [];
      // As agentgateway has it: of AI backends, weight 0 beside a positive weight is used only when the others fail.
      const standsBy = weight === 0 && tier === undefined && isShared && isAiBackend(backend, scope);
      return [standsBy ? { backend, weight: 1, tier: standbyTier } : { backend, weight, tier: tier ?? 0 }];
    });
  }

  private action(written: Written, path: Path): Action {
    const given = ANSWERS.filter((key) => written[key] !== undefined);
    if (given.length > 1) {
      const message = `${given.map((key) => `"${key}"`).join(' and ')} exclude each other`;
      this.reading.error([...path, given[1]], { code: 'config.conflict', message, mend: 'keep one of them' });
    }
    if (given.length === 0 || written.backends?.length === 0) {
      const message = 'the route has nothing to answer with';
      const mend = 'give one of "backend", "backends", "redirect", "respond"';
      this.reading.error(path, { code: 'config.no-answer', message, mend });
    }
    if (written.redirect !== undefined || written.respond !== undefined) return { kind: 'reply' };
    return { kind: 'forward', targets: this.targets(written, path) };
  }

  private retry(written: Written, action: Action, path: Path): Retry | undefined {
    const { reading, scope } = this;
    if (written.retry !== undefined && action.kind === 'reply') {
      const message = 'retry has no effect: the gateway answers this route itself';
      reading.warning([...path, 'retry'], { code: 'config.no-effect', message });
    }
    return readRouteRetry(written.retry, action, { reading, scope, path });
  }

  private hedge({ hedge }: Written, action: Action, path: Path): Pick<Route, 'hedge'> {
    if (hedge === undefined) return {};
    const at = [...path, 'hedge'];
    if (action.kind === 'reply') {
      const message = 'hedge has no effect: the gateway answers this route itself';
      this.reading.warning(at, { code: 'config.no-effect', message });
    }
    return { hedge: toHedge(hedge, { reading: this.reading, path: at }) };
  }

  read(value: unknown, path: Path): Route | undefined {
    const { reading, scope } = this;
    const order = scope.routeCount++;
    const own = this.withoutLater(value, path);
    const written = reading.parse(ROUTE, own, path);
    if (written === undefined) return undefined;
    const name = written.name ?? `route-${order + 1}`;
    const match = this.matches(written.match ?? [], own, path);
    const shared = actionWithSplit(this.action(written, path), written.split, { reading, path });
    const action = actionWithFallback(shared, scope);
    const retry = this.retry(written, action, path);
    return {
      id: name as Id<'route'>,
      name,
      origin: reading.origin(path),
      parents: this.parents(written, path),
      hostnames: this.hostnames(written.match ?? [], path),
      ...readPriority(written.priority),
      order,
      isDefault: written.default,
      match,
      filters: new FilterReader({ reading, scope, path }, match).read(written),
      action,
      timeouts: toTimeouts(written.timeout),
      ...readRuleKeys(written, { reading, path }),
      ...(retry !== undefined && { retry }),
      ...this.hedge(written, action, path),
    };
  }
}

export function translateRoutes(value: unknown, reading: Reading, scope: NativeScope): readonly Route[] {
  const reader = new RouteReader(reading, scope);
  const routes = reading.items(value, ['routes']).map(([item, path]) => reader.read(item, path));
  return routes.filter((route) => route !== undefined);
}
