// The section `router`: how a request that leaves the choice to the gateway finds its model and provider, and who is asked when a
// refusal concerns the model alone. Without any route it makes one over all AI backends.
import { ROUTING_STRATEGIES } from '../../base/routing-strategy.ts';
import type { Id } from '../../base/types.ts';
import type { Route } from '../../model/route.ts';
import { DEFAULT_AUTO_NAME, DEFAULT_PRIORITIES, NO_ROUTER, type RouterSettings } from '../../model/router.ts';
import { type Infer, s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import { fallbackRetry, resolveProvider, withFallback } from './fallback.ts';
import { LATER_PROVIDERS } from './later-keys.ts';
import { slipOfBackend } from './model-slip.ts';
import type { Reading } from './reading.ts';
import type { NativeScope } from './scope.ts';
import { sectionRoute } from './section-route.ts';
import { backendsOf } from './targets.ts';

const MODEL = s.string('A model, an alias, or backend/model.', { minLength: 1 });
const MODELS = (description: string) => s.oneOrMany(MODEL, description);

export const ROUTER = s.object(
  {
    enabled: s.optional(s.boolean('Whether the section acts; default true.')),
    strategy: s.optional(
      s.choice(
        ROUTING_STRATEGIES,
        'What a request for auto gets: the cheapest, the best, or between; default balanced.',
      ),
    ),
    auto_models: s.optional(
      MODELS(
        'Names clients use as model to leave the choice to the router; default auto. NAME:cost asks for a strategy.',
      ),
    ),
    priorities: s.optional(
      s.object(
        {
          cost: s.optional(MODELS('Models, first to last; default gpt-4o-mini, claude-3-haiku, gpt-3.5-turbo.')),
          quality: s.optional(MODELS('Models, first to last; default gpt-4o, claude-3-opus, gemini-pro.')),
          balanced: s.optional(MODELS('Models, first to last; default gpt-4o-mini, claude-3-sonnet, gpt-4.')),
        },
        'Models of each strategy. Other models that backends list come behind them, by price.',
      ),
    ),
    fallbacks: s.optional(
      s.object(
        {
          context_window: s.optional(MODELS('Asked, instead of the others, when the request is too long for a model.')),
          content_policy: s.optional(MODELS('Asked, instead of the others, when a provider refuses the content.')),
          default: s.optional(MODELS('Asked when all other candidates failed.')),
        },
        'Models that are asked after a failure, by its class.',
      ),
    ),
    request_preferences: s.optional(
      s.boolean('Whether requests may say "models" and "provider" as to OpenRouter; default true.'),
    ),
    queue: s.optional(
      s.object(
        {
          max: s.integer('Requests that wait, per thread.', { min: 1, max: 100_000 }),
          timeout: s.durationText('Longest wait.'),
        },
        'Where requests wait while every candidate cools down, instead of failing at once.',
      ),
    ),
  },
  'Chooses model and provider by strategy, price, health and what a request wishes.',
);

type Written = Infer<typeof ROUTER>;

const SECTION = 'router';
/** Counted like rules: one document makes the route. */
const IMPLIED = 'implied AI route';

export interface RouterPlace {
  readonly reading: Reading;
  readonly scope: NativeScope;
}

/** Texts as they are; what cannot be meant is a finding. */
function checkedModels(names: readonly string[], path: Path, { reading, scope }: RouterPlace): readonly string[] {
  const seen = new Set<string>();
  names.forEach((name, index) => {
    const at = names.length > 1 ? [...path, index] : path;
    const mend = 'remove it';
    if (seen.has(name)) reading.warning(at, { code: 'config.no-effect', message: `"${name}" stands twice`, mend });
    seen.add(name);
    const slash = name.indexOf('/');
    if (slash <= 0) return;
    const head = name.slice(0, slash);
    if (LATER_PROVIDERS.has(head)) resolveProvider(head, { reading, scope, path: at });
    else if (backendsOf(head, { reading, scope, path: at }) === undefined)
      slipOfBackend(head, { reading, scope, path: at });
  });
  return [...seen];
}

/** A list that leads back into the router would go round for ever. */
function reportLoops(
  lists: readonly (readonly [Path, readonly string[]])[],
  autoNames: readonly string[],
  reading: Reading,
): void {
  for (const [path, names] of lists)
    for (const name of names) {
      const [head] = name.split(':');
      if (!autoNames.includes(name) && !autoNames.includes(head)) continue;
      const message = `"${name}" asks the router again, which asks this list: it would go round`;
      reading.error(path, { code: 'config.fallback-loop', message, mend: 'name models that a provider serves' });
    }
}

function toSettings(written: Written, place: RouterPlace): RouterSettings {
  const { reading, scope } = place;
  const { priorities = {}, fallbacks = {}, auto_models: autoNames = [DEFAULT_AUTO_NAME], queue } = written;
  const listed = (key: keyof typeof priorities) =>
    priorities[key] && checkedModels(priorities[key], [SECTION, 'priorities', key], place);
  const fallback = (key: keyof typeof fallbacks) =>
    checkedModels(fallbacks[key] ?? [], [SECTION, 'fallbacks', key], place);
  const settings: RouterSettings = {
    origin: reading.origin([SECTION]),
    isOn: true,
    strategy: written.strategy ?? 'balanced',
    autoNames,
    priorities: {
      cost: listed('cost') ?? DEFAULT_PRIORITIES.cost,
      quality: listed('quality') ?? DEFAULT_PRIORITIES.quality,
      balanced: listed('balanced') ?? DEFAULT_PRIORITIES.balanced,
    },
    classFallbacks: { contextWindow: fallback('context_window'), contentPolicy: fallback('content_policy') },
    lastResorts: fallback('default'),
    fallbackOrder: scope.fallback?.backends ?? [],
    readsWishes: written.request_preferences ?? true,
    ...(queue !== undefined && { queue: { max: queue.max, timeoutMs: queue.timeout } }),
  };
  const lists = [
    ...ROUTING_STRATEGIES.map((key) => [[SECTION, 'priorities', key], settings.priorities[key]] as const),
    [[SECTION, 'fallbacks', 'context_window'], settings.classFallbacks.contextWindow] as const,
    [[SECTION, 'fallbacks', 'content_policy'], settings.classFallbacks.contentPolicy] as const,
    [[SECTION, 'fallbacks', 'default'], settings.lastResorts] as const,
  ];
  reportLoops(lists, autoNames, reading);
  return settings;
}

/** What of the sections `router` and `fallback` the model holds; undefined when this document has neither. */
export function translateRouter(
  { router, fallback }: Readonly<Partial<Record<'router' | 'fallback', unknown>>>,
  place: RouterPlace,
): RouterSettings | undefined {
  const { reading, scope } = place;
  if (router === undefined) {
    const isAlone = fallback !== undefined && !scope.hasRouter && (scope.fallback?.backends.length ?? 0) > 0;
    return isAlone
      ? { ...NO_ROUTER, origin: reading.origin(['fallback']), fallbackOrder: scope.fallback?.backends ?? [] }
      : undefined;
  }
  const written = reading.parse(ROUTER, router ?? {}, [SECTION]);
  if (written === undefined || written.enabled === false) return undefined;
  if (scope.ruleCounts.has(SECTION)) {
    const message = `another document has a ${SECTION} already`;
    reading.error([SECTION], { code: 'config.duplicate', message, mend: 'put all of it into one section' });
    return undefined;
  }
  scope.ruleCounts.set(SECTION, 1);
  return toSettings(written, place);
}

/** The route of a configuration that has none: every AI backend may answer, those of the fallback order behind the others. */
export function impliedRouterRoute(section: string, { reading, scope }: RouterPlace): Route | undefined {
  if (scope.hasRoutes || scope.ruleCounts.has(IMPLIED)) return undefined;
  scope.ruleCounts.set(IMPLIED, 1);
  const order = scope.fallback?.backends ?? [];
  const names = [...scope.providerBackends.values()].flat() as readonly string[] as readonly Id<'backend'>[];
  const implied = [...scope.implied].filter(([, { provider }]) => provider !== undefined).map(([, { id }]) => id);
  const first = [...new Set([...names, ...implied])].filter((id) => !order.includes(id));
  const targets = withFallback(
    // Without a router nobody knows who has a model: they are asked in turn, the first one first.
    first.map((backend, index) => ({ backend, weight: 1, tier: scope.hasRouter ? 0 : index })),
    scope,
  );
  if (targets.length === 0) {
    const message = 'there is no AI backend to choose from';
    reading.error([section], { code: 'config.no-target', message, mend: 'define backends with "provider"' });
    return undefined;
  }
  const message = 'no route is written: /v1/* and /v1beta/* go to the AI backends';
  reading.note([section], { code: 'config.implied-route', message });
  const retry = fallbackRetry(scope);
  const match = ['/v1', '/v1beta'].map((value) => ({ path: { kind: 'prefix' as const, value } }));
  const parts = { isDefault: false, match, action: { kind: 'forward' as const, targets } };
  return sectionRoute(section, { reading, scope, section }, { ...parts, ...(retry !== undefined && { retry }) });
}
