// `sticky_sessions` of routes and rules: a client stays at one endpoint of the target. It is the backend that keeps sessions, so they
// are found before backends are read; what else is wrong with a rule is said where it is translated.
import { s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import type { Reading } from './reading.ts';
import type { NativeScope } from './scope.ts';

export const STICKY_SESSIONS = s.optional(
  s.boolean('Whether a client stays at one endpoint of the target, by a signed cookie; default false.'),
);

interface RuleSections {
  readonly routes?: unknown;
  readonly model_routing?: unknown;
  readonly size_based_routing?: unknown;
  readonly user_routing?: unknown;
}

type Rule = readonly [rule: unknown, path: Path];

function rulesOfList(value: unknown, path: Path): readonly Rule[] {
  return Array.isArray(value) ? value.map((rule, index): Rule => [rule, [...path, index]]) : [];
}

function rulesOf(sections: RuleSections): readonly Rule[] {
  const lists = (['model_routing', 'size_based_routing'] as const).flatMap((section) => {
    const { rules } = (sections[section] ?? {}) as { readonly rules?: unknown };
    return rulesOfList(rules, [section, 'rules']);
  });
  const { user_routing: users } = sections;
  const named = typeof users === 'object' && users !== null ? Object.entries(users) : [];
  return [
    ...rulesOfList(sections.routes, ['routes']),
    ...lists,
    ...named.map(([name, rule]): Rule => [rule, ['user_routing', name]]),
  ];
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Names of the targets of a rule that asks for sessions. */
function targetsOf(rule: unknown): readonly string[] {
  if (!isMap(rule) || (rule.sticky_sessions !== true && rule.sticky_sessions !== 'true')) return [];
  const several = Array.isArray(rule.backends) ? rule.backends.map((item) => (isMap(item) ? item.backend : item)) : [];
  return [rule.target, rule.backend, ...several].filter((name) => typeof name === 'string');
}

/** Puts the backends into the scope at which some rule wants clients to stay. */
export function findRuleSessions(sections: RuleSections, reading: Reading, scope: NativeScope): void {
  for (const [rule, path] of rulesOf(sections)) {
    for (const name of targetsOf(rule)) {
      const users = scope.backendNames.has(name) ? [name] : (scope.providerBackends.get(name) ?? [name]);
      for (const user of users) scope.sessions.set(user, { reading, path: [...path, 'sticky_sessions'] });
    }
  }
}
