// The router's decision: who is asked in which order and why, and that nobody is ever asked who must not be.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Id } from '../../base/types.ts';
import type { ModelFacts } from '../../llm/model-facts.ts';
import type { ProviderWish } from '../../llm/routing-wishes.ts';
import type { AliasTarget } from '../../model/alias.ts';
import { DEFAULT_PRIORITIES, NO_ROUTER, type RouterSettings, type Tenant } from '../../model/router.ts';
import { type Candidate, type Directory, sentModel } from './candidate.ts';
import { type Asked, type Decision, decide } from './decide.ts';
import { matchesAny, type Offer } from './offers.ts';

const ORIGIN = { source: 'test', dialect: 'test', pointer: '' };
const ON: RouterSettings = { ...NO_ROUTER, origin: ORIGIN, isOn: true, autoNames: ['auto'], readsWishes: true };

function offer(backend: string, provider: string, rest: Partial<Offer> = {}): Offer {
  return { backend, provider, weight: 1, tier: 0, override: undefined, models: undefined, isOfRoute: true, ...rest };
}

/** Input and output dollars per million tokens. */
const PRICES: Readonly<Record<string, readonly [number, number]>> = {
  'gpt-4o': [2.5, 10],
  'gpt-4o-mini': [0.15, 0.6],
  'claude-3-haiku': [0.25, 1.25],
  'claude-3-opus': [15, 75],
  'llama-3': [0.1, 0.1],
  'qwen-2': [0.9, 0.9],
};

function factsOf(model: string): ModelFacts | undefined {
  if (!Object.hasOwn(PRICES, model)) return undefined;
  const [inputPrice, outputPrice] = PRICES[model];
  return { inputPrice, outputPrice, contextTokens: 128_000 };
}

function directory(parts: Partial<Directory> = {}): Directory {
  return {
    offers: [
      offer('openai', 'openai'),
      offer('anthropic', 'anthropic'),
      offer('local', 'vllm', { models: ['llama-3', 'qwen-*'] }),
    ],
    aliases: new Map(),
    settings: ON,
    facts: { find: (_provider, model) => factsOf(model) },
    ...parts,
  };
}

function ask(model: string | undefined, parts: Partial<Asked> = {}): Asked {
  return { model, models: [], wish: {}, tenant: undefined, bearsOtherModels: true, ...parts };
}

function shown(decision: Decision): readonly string[] {
  assert.equal(decision.kind, 'candidates', JSON.stringify(decision));
  const { candidates } = decision as Extract<Decision, { kind: 'candidates' }>;
  return candidates.map((each) => `${each.tier} ${each.offer.backend}/${sentModel(each) ?? '='}`);
}

function tenant(parts: Partial<Tenant>): Tenant {
  return { name: 't', origin: ORIGIN, keyHashes: [], isDefault: false, ...parts };
}

describe('what no other model can answer', () => {
  const settings: RouterSettings = {
    ...ON,
    fallbackOrder: ['openai', 'anthropic', 'local'].map((name) => name as Id<'backend'>),
    priorities: { ...ON.priorities, cost: ['openai/gpt-4o-mini', 'anthropic/claude-3-haiku'] },
    lastResorts: ['openai/gpt-4o'],
  };

  it('is asked of providers that have the model alone', () => {
    const vectors = ask('openai/text-embedding-3-small', { bearsOtherModels: false });
    assert.deepEqual(shown(decide(vectors, directory({ settings }))), ['0 openai/text-embedding-3-small']);
    const talk = ask('openai/gpt-4o-mini');
    assert.ok(shown(decide(talk, directory({ settings }))).some((text) => text.includes('anthropic/')));
  });
});

describe('a name', () => {
  it('asks for the strategy, or for another one behind a colon', () => {
    assert.deepEqual(shown(decide(ask('auto'), directory())), [
      '0 openai/gpt-4o-mini',
      '1 anthropic/claude-3-sonnet',
      '2 openai/gpt-4',
      '3 local/llama-3',
    ]);
    assert.deepEqual(shown(decide(ask('auto:quality'), directory())).slice(0, 2), [
      '0 openai/gpt-4o',
      '1 anthropic/claude-3-opus',
    ]);
  });

  it('of no list comes behind it by price: cheapest, dearest or middle first', () => {
    const offers = [offer('local', 'vllm', { models: ['qwen-2', 'gpt-4o', 'llama-3', 'unpriced', 'claude-3-opus'] })];
    const settings = { ...ON, priorities: { cost: [], quality: [], balanced: [] } };
    const order = (name: string) =>
      shown(decide(ask(name), directory({ offers, settings }))).map((text) => text.slice(8));
    assert.deepEqual(order('auto:cost'), ['llama-3', 'qwen-2', 'gpt-4o', 'claude-3-opus', 'unpriced']);
    assert.deepEqual(order('auto:quality'), ['claude-3-opus', 'gpt-4o', 'qwen-2', 'llama-3', 'unpriced']);
    assert.deepEqual(order('auto:balanced')[0], 'qwen-2');
    assert.equal(order('auto:balanced').at(-1), 'unpriced');
  });

  it('with a provider in front addresses it, slashes of the model go on', () => {
    assert.deepEqual(shown(decide(ask('anthropic/claude-3-sonnet'), directory())), ['0 anthropic/claude-3-sonnet']);
    const offers = [offer('or', 'openrouter')];
    assert.deepEqual(shown(decide(ask('openrouter/meta/llama-3'), directory({ offers }))), ['0 or/meta/llama-3']);
    assert.deepEqual(shown(decide(ask('meta/llama-3'), directory({ offers }))), ['0 or/meta/llama-3']);
  });

  it('that nobody has is unknown', () => {
    assert.deepEqual(decide(ask('mistral/mistral-large'), directory()), { kind: 'unknown' });
    assert.deepEqual(decide(ask('gemini-pro'), directory()), { kind: 'unknown' });
  });

  it('is shared by those who have it; those who may have it come behind', () => {
    const offers = [offer('a', 'openai', { weight: 3 }), offer('b', 'openai'), offer('c', 'vllm')];
    assert.deepEqual(shown(decide(ask('gpt-4o'), directory({ offers }))), ['0 a/gpt-4o', '0 b/gpt-4o', '1 c/gpt-4o']);
  });

  it('is an alias first, also of a backend that the route has not', () => {
    const aliases = new Map<string, readonly AliasTarget[]>([
      ['gpt-4o', [{ backend: 'far' as never, model: 'other', weight: 1, tier: 0 }]],
    ]);
    const offers = [offer('openai', 'openai'), offer('far', 'vllm', { isOfRoute: false })];
    assert.deepEqual(shown(decide(ask('gpt-4o'), directory({ aliases, offers }))), ['0 far/other']);
  });

  it('falls back in the order written, with a model of the provider’s own, then to the last resorts', () => {
    const settings = { ...ON, fallbackOrder: ['openai', 'anthropic'] as never, lastResorts: ['local/llama-3'] };
    assert.deepEqual(shown(decide(ask('gpt-4o'), directory({ settings }))), [
      '0 openai/gpt-4o',
      '1 anthropic/claude-3-sonnet',
      '2 local/llama-3',
    ]);
  });

  it('without a router goes to the route as it is, unless a provider of the fallback order cannot have it', () => {
    const settings = { ...NO_ROUTER, origin: ORIGIN, fallbackOrder: ['anthropic'] as never };
    const offers = [offer('openai', 'openai'), offer('anthropic', 'anthropic', { tier: 1 })];
    assert.deepEqual(shown(decide(ask('gpt-4o'), directory({ settings, offers }))), [
      '0 openai/=',
      '1 anthropic/claude-3-sonnet',
    ]);
    assert.deepEqual(shown(decide(ask('no-such'), directory({ settings, offers }))), ['0 openai/=', '1 anthropic/=']);
  });
});

describe('a tenant', () => {
  it('may use what its lists have: the name written, or the model that is sent', () => {
    const aliases = new Map<string, readonly AliasTarget[]>([
      ['fast', [{ backend: 'openai' as never, model: 'gpt-4o-mini', weight: 1, tier: 0 }]],
    ]);
    const known = directory({ aliases });
    const byName = tenant({ allowedModels: ['fast'] });
    const byModel = tenant({ allowedModels: ['openai/gpt-4o*'] });
    assert.deepEqual(shown(decide(ask('fast', { tenant: byName }), known)), ['0 openai/gpt-4o-mini']);
    assert.deepEqual(shown(decide(ask('fast', { tenant: byModel }), known)), ['0 openai/gpt-4o-mini']);
    assert.equal(decide(ask('gpt-4o-mini', { tenant: byName }), known).kind, 'forbidden');
    assert.equal(decide(ask('claude-3-opus', { tenant: byModel }), known).kind, 'forbidden');
  });

  it('is not led past its lists by those a request falls back to', () => {
    const only = tenant({ allowedModels: ['gpt-4o'] });
    const asked = ask('gpt-4o', { models: ['claude-3-opus'], tenant: only });
    assert.deepEqual(shown(decide(asked, directory())), ['0 openai/gpt-4o']);
  });

  it('that may not have what it asks for gets no fallback in its place', () => {
    const settings = { ...ON, lastResorts: ['local/llama-3'] };
    const only = tenant({ allowedProviders: ['local'] });
    assert.equal(decide(ask('gpt-4o', { tenant: only }), directory({ settings })).kind, 'forbidden');
    assert.deepEqual(shown(decide(ask('auto', { tenant: only }), directory({ settings }))), ['0 local/llama-3']);
  });

  it('with models of its own is not let through with a body that is not read', () => {
    assert.equal(
      decide(ask(undefined, { tenant: tenant({ allowedModels: ['gpt-4o'] }) }), directory()).kind,
      'forbidden',
    );
    const byProvider = tenant({ allowedProviders: ['openai'] });
    assert.deepEqual(shown(decide(ask(undefined, { tenant: byProvider }), directory())), ['0 openai/=']);
  });
});

describe('the wishes of a request', () => {
  const two = directory({
    offers: [offer('a', 'openai'), offer('b', 'openai', { tier: 1 }), offer('or', 'openrouter', { tier: 2 })],
  });
  const order = (wish: ProviderWish, parts: Partial<Asked> = {}) =>
    shown(decide(ask('gpt-4o', { wish, ...parts }), two));

  it('put providers into an order, leave some out, and take no others', () => {
    assert.deepEqual(order({ order: ['b'] }), ['0 b/gpt-4o', '1 a/gpt-4o', '2 or/gpt-4o']);
    assert.deepEqual(order({ order: ['b'], allowFallbacks: false }), ['0 b/gpt-4o']);
    assert.deepEqual(order({ allowFallbacks: false }), ['0 a/gpt-4o']);
    assert.deepEqual(order({ only: ['openai'], ignore: ['a'] }), ['0 b/gpt-4o']);
  });

  it('of names that nobody has here are OpenRouter’s', () => {
    assert.deepEqual(order({ only: ['deepinfra'] }), ['0 or/gpt-4o']);
    assert.deepEqual(order({ order: ['deepinfra'] })[0], '0 or/gpt-4o');
  });

  it('sort by what is measured', () => {
    const speeds: Readonly<Record<string, number>> = { a: 10, b: 90, or: 50 };
    const measured = (backend: string) => ({ latencyMs: speeds[backend], tokensPerSecond: speeds[backend] });
    assert.deepEqual(order({ sort: 'latency' }, { measured }), ['0 a/gpt-4o', '1 or/gpt-4o', '2 b/gpt-4o']);
    assert.deepEqual(order({ sort: 'throughput' }, { measured }), ['0 b/gpt-4o', '1 or/gpt-4o', '2 a/gpt-4o']);
  });

  it('limit the price; one that is not known is within none', () => {
    const asked = (maxPrice: NonNullable<ProviderWish['maxPrice']>) =>
      decide(ask('auto:quality', { wish: { maxPrice } }), directory());
    assert.deepEqual(shown(asked({ prompt: 1 })), ['0 local/llama-3']);
    assert.deepEqual(shown(asked({ completion: 10 })), ['0 openai/gpt-4o', '1 local/llama-3']);
    assert.deepEqual(asked({ prompt: 0 }), { kind: 'unmet', because: 'provider.max_price' });
  });

  it('ask for a provider that is told everything', () => {
    const takesParameters = ({ offer: { backend } }: Candidate) => backend === 'b';
    assert.deepEqual(order({ requireParameters: true }, { takesParameters }), ['0 b/gpt-4o']);
  });
});

describe('after a refusal of a class', () => {
  it('its list is asked, less whom the tenant and the request leave out', () => {
    const settings = {
      ...ON,
      classFallbacks: { contextWindow: ['claude-3-opus', 'local/llama-3'], contentPolicy: [] },
    };
    const lanes = (parts: Partial<Asked>) => {
      const decision = decide(ask('gpt-4o', parts), directory({ settings }));
      return decision.kind === 'candidates' ? decision.lanes?.contextWindow.map(sentModel) : undefined;
    };
    assert.deepEqual(lanes({}), ['claude-3-opus', 'llama-3']);
    assert.deepEqual(lanes({ tenant: tenant({ allowedModels: ['gpt-4o', 'llama-3'] }) }), ['llama-3']);
    assert.deepEqual(lanes({ wish: { ignore: ['anthropic'] } }), ['llama-3']);
    assert.deepEqual(lanes({ wish: { allowFallbacks: false } }), undefined);
  });
});

const MODELS = [
  'gpt-4o',
  'gpt-4o-mini',
  'claude-3-haiku',
  'claude-3-opus',
  'llama-3',
  'qwen-2',
  'auto',
  'auto:cost',
  'openai/gpt-4o',
  'fast',
];
const BACKENDS = ['openai', 'anthropic', 'local', 'second', 'or'];
const some = (of: readonly string[]) =>
  fc.option(fc.uniqueArray(fc.constantFrom(...of), { minLength: 1, maxLength: 3 }), { nil: undefined });
const PATTERNS = ['gpt-*', 'claude-3-opus', '*', 'fast', 'local/*', 'auto', 'openai/gpt-4o'];

const askedOf = fc
  .record({
    model: fc.constantFrom(...MODELS),
    models: fc.uniqueArray(fc.constantFrom(...MODELS), { maxLength: 3 }),
    order: some(BACKENDS),
    only: some(BACKENDS),
    ignore: some(BACKENDS),
    allowFallbacks: fc.option(fc.boolean(), { nil: undefined }),
    sort: fc.option(fc.constantFrom('price' as const, 'latency' as const, 'throughput' as const), { nil: undefined }),
    prompt: fc.option(fc.constantFrom(0.1, 0.2, 1, 5), { nil: undefined }),
    allowedProviders: some(BACKENDS),
    allowedModels: some(PATTERNS),
  })
  .map(({ model, models, prompt, allowedProviders, allowedModels, ...wish }): Asked => {
    const entries = Object.entries({ ...wish, ...(prompt !== undefined && { maxPrice: { prompt } }) });
    const lists = { ...(allowedProviders && { allowedProviders }), ...(allowedModels && { allowedModels }) };
    return {
      model,
      models,
      wish: Object.fromEntries(entries.filter(([, value]) => value !== undefined)),
      tenant: allowedProviders || allowedModels ? tenant(lists) : undefined,
      bearsOtherModels: true,
    };
  });

const WIDE = directory({
  offers: [
    offer('openai', 'openai', { weight: 2 }),
    offer('anthropic', 'anthropic'),
    offer('local', 'vllm', { models: ['llama-3', 'qwen-*', 'qwen-2'] }),
    offer('second', 'openai', { tier: 1 }),
    offer('or', 'openrouter', { tier: 1 }),
  ],
  aliases: new Map<string, readonly AliasTarget[]>([
    [
      'fast',
      [
        { backend: 'openai' as never, model: 'gpt-4o-mini', weight: 1, tier: 0 },
        { model: 'llama-3', weight: 1, tier: 1 },
      ],
    ],
  ]),
  settings: {
    ...ON,
    priorities: DEFAULT_PRIORITIES,
    fallbackOrder: ['anthropic', 'local'] as never,
    lastResorts: ['llama-3'],
    classFallbacks: { contextWindow: ['claude-3-opus', 'qwen-2'], contentPolicy: ['llama-3'] },
  },
});

/** Everybody the request may be sent to, whatever happens. */
function everybody(decision: Extract<Decision, { kind: 'candidates' }>): readonly Candidate[] {
  return [...decision.candidates, ...Object.values(decision.lanes ?? {}).flat()];
}

describe('whatever is asked', () => {
  const check = (property: (decision: Extract<Decision, { kind: 'candidates' }>, asked: Asked) => void) =>
    fc.assert(
      fc.property(askedOf, (asked) => {
        const decision = decide(asked, WIDE);
        if (decision.kind === 'candidates') property(decision, asked);
      }),
      { seed: 20, numRuns: 3000 },
    );
  const has = (names: readonly string[], { offer: { backend, provider } }: Candidate) =>
    names.includes(backend) || names.includes(provider);

  it('nobody is asked whom the tenant may not use', () => {
    check((decision, { tenant: who, model, models }) => {
      for (const each of everybody(decision)) {
        if (who?.allowedProviders !== undefined) assert.ok(has(who.allowedProviders, each));
        if (who?.allowedModels === undefined) continue;
        const sent = sentModel(each) ?? model ?? '';
        const names = [sent, `${each.offer.backend}/${sent}`, `${each.offer.provider}/${sent}`];
        if (each.name !== undefined) {
          assert.ok(each.name === model || models.includes(each.name));
          names.push(each.name);
        }
        assert.ok(
          names.some((name) => matchesAny(who.allowedModels ?? [], name)),
          `${each.offer.backend}/${sent}`,
        );
      }
    });
  });

  it('nobody is asked whom the request leaves out, and no dearer than it says', () => {
    check((decision, { wish: { only, ignore, maxPrice } }) => {
      for (const each of everybody(decision)) {
        if (ignore !== undefined) assert.ok(!has(ignore, each));
        if (only !== undefined) assert.ok(has(only, each));
        const price = factsOf(sentModel(each) ?? '')?.inputPrice;
        if (maxPrice?.prompt !== undefined) assert.ok(price !== undefined && price <= maxPrice.prompt);
      }
    });
  });

  it('the order of the request is kept among those it asks for, and prices rise where it sorts by them', () => {
    check((decision, { wish: { order, sort }, model, models }) => {
      if (models.length > 0) return;
      const asked = decision.candidates.filter(({ name }) => name === model);
      const places = asked
        .map((each) => order?.findIndex((name) => has([name], each)) ?? -1)
        .map((at) => (at < 0 ? 99 : at));
      if (order !== undefined)
        assert.deepEqual(
          places,
          places.toSorted((a, b) => a - b),
        );
      if (order !== undefined || sort !== 'price') return;
      const prices = asked.map((each) => factsOf(sentModel(each) ?? '')?.inputPrice ?? 1e9);
      assert.deepEqual(
        prices,
        prices.toSorted((a, b) => a - b),
      );
    });
  });

  it('tiers count up from 0 and nobody is asked twice for the same', () => {
    check(({ candidates }) => {
      const tiers = candidates.map(({ tier }) => tier);
      assert.equal(tiers[0], 0);
      for (const [index, tier] of tiers.entries()) assert.ok(index === 0 || [0, 1].includes(tier - tiers[index - 1]));
      const keys = candidates.map((each) => `${each.offer.backend} ${sentModel(each)}`);
      assert.equal(new Set(keys).size, keys.length);
    });
  });

  it('without fallbacks only one provider, or those of the order, are asked', () => {
    check(({ candidates, lanes }, { wish: { allowFallbacks, order } }) => {
      if (allowFallbacks !== false) return;
      assert.equal(lanes, undefined);
      if (order === undefined) assert.equal(new Set(candidates.map((each) => each.offer.backend)).size, 1);
      else assert.ok(candidates.every((each) => has(order, each)));
    });
  });
});
