// Rules of `model_routing`, `size_based_routing` and `user_routing`: one condition, one target, and what holds for the requests in
// between. Each becomes a route, which takes its place among all others by the one route order.
import type { Id } from '../../base/types.ts';
import type { Route } from '../../model/route.ts';
import { type Infer, s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import { actionWithFallback } from './fallback.ts';
import type { Reading } from './reading.ts';
import { RETRY } from './retry.ts';
import { PRIORITY, readPriority } from './route-priority.ts';
import { readRouteRetry } from './route-retry.ts';
import { CONDITION, type RuleCondition, readCondition } from './rule-condition.ts';
import { RULE_KEYS, readRuleKeys } from './rule-keys.ts';
import { STICKY_SESSIONS } from './rule-sessions.ts';
import type { NativeScope } from './scope.ts';
import { resolveRuleTarget } from './targets.ts';
import { TIMEOUT, toTimeouts } from './timeouts.ts';

export const RULE = s.object(
  {
    condition: CONDITION,
    target: s.string('Name of a backend or provider; any other name is a host, port 80 unless given.', {
      minLength: 1,
    }),
    priority: s.optional(PRIORITY),
    timeout: s.optional(TIMEOUT),
    retry: s.optional(RETRY),
    rate_limit: s.optional(
      s.string('Such as 1000/min, or unlimited, which is how it is; limits do not act in this version.', {
        pattern: /^(?:unlimited|\d+\s*\/\s*(?:s|sec|second|m|min|minute|h|hour|d|day))$/,
        expected: 'a rate such as 1000/min, or unlimited',
      }),
    ),
    sticky_sessions: STICKY_SESSIONS,
    ...RULE_KEYS,
  },
  'A condition, and where the requests go that fulfil it.',
);

type Written = Infer<typeof RULE>;

export interface RulePlace {
  readonly reading: Reading;
  readonly scope: NativeScope;
  readonly path: Path;
}

/** As in metrics, logs and explanations: the section, then the name or number of the rule. */
export type RuleName = `${string}.${string}`;

function reportRate(rate: string | undefined, { reading, path }: RulePlace): void {
  if (rate === undefined || rate === 'unlimited') return;
  const message = 'rate limits do not act in this version: the rule takes every request';
  reading.note([...path, 'rate_limit'], { code: 'config.not-available', message });
}

function assemble(name: RuleName, written: Written, condition: RuleCondition, place: RulePlace): Route {
  const { reading, scope, path } = place;
  const backends = resolveRuleTarget(written.target, { ...place, path: [...path, 'target'] });
  const targets = backends.map((backend) => ({ backend, weight: 1, tier: 0 }));
  const action = actionWithFallback({ kind: 'forward', targets }, scope);
  const retry = readRouteRetry(written.retry, action, place);
  return {
    id: name as string as Id<'route'>,
    name,
    origin: reading.origin(path),
    parents: [],
    hostnames: condition.hostnames,
    ...readPriority(written.priority),
    order: scope.routeCount++,
    isDefault: false,
    match: condition.match,
    filters: [],
    action,
    timeouts: toTimeouts(written.timeout),
    ...(retry !== undefined && { retry }),
    ...readRuleKeys(written, { reading, path }),
  };
}

/** None after errors, and for a rule that can take no request yet. */
export function readRule(name: RuleName, value: unknown, place: RulePlace): readonly Route[] {
  const { reading, path } = place;
  const written = reading.parse(RULE, value, path);
  if (written === undefined) return [];
  reportRate(written.rate_limit, place);
  const condition = readCondition(written.condition, { reading, path: [...path, 'condition'] });
  return condition === undefined ? [] : [assemble(name, written, condition, place)];
}

/** The rules of a list are numbered on over all documents, so that every name is given once. */
export function readRuleList(section: string, value: unknown, { reading, scope, path }: RulePlace): readonly Route[] {
  return reading.items(value, path).flatMap(([item, at]) => {
    const number = (scope.ruleCounts.get(section) ?? 0) + 1;
    scope.ruleCounts.set(section, number);
    return readRule(`${section}.${number}`, item, { reading, scope, path: at });
  });
}

/** A section that holds nothing but a list of rules. */
export function readRuleSection(
  section: string,
  value: unknown,
  reading: Reading,
  scope: NativeScope,
): readonly Route[] {
  const written = reading.parse(s.object({ rules: s.unknown('Rules.') }), value ?? {}, [section]);
  return written === undefined
    ? []
    : readRuleList(section, written.rules, { reading, scope, path: [section, 'rules'] });
}
