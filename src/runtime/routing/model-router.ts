// What an AI request is answered by on one route: tenant, name, wishes and state of the providers make a plan. Asked once per request,
// between the body and the plan (runtime/ai-start.ts); without anything configured it only looks for `provider/model` names.
import { nearestName } from '../../base/nearest-name.ts';
import type { ErrorCode } from '../../errors/codes.ts';
import type { Operation } from '../../llm/operation.ts';
import { type ProviderWish, type RoutingWishes, readWishes } from '../../llm/routing-wishes.ts';
import type { ClientSide } from '../../llm/translation.ts';
import type { Tenant } from '../../model/router.ts';
import type { Exchange } from '../../pipeline/exchange.ts';
import type { ProviderFacts } from '../../state/provider-table.ts';
import type { TargetPlan } from '../plan.ts';
import { bodyFacts } from '../read-model.ts';
import type { Directory } from './candidate.ts';
import type { AfterWait, CoolingQueue } from './cooling-queue.ts';
import { type Decision, decide } from './decide.ts';
import { knownModels } from './offers.ts';
import type { ParameterCheck } from './parameter-check.ts';
import { offersNamed, resolveName } from './resolve-name.ts';
import type { TenantFinder } from './tenant-finder.ts';
import { WishedBody } from './wished-body.ts';

/** Plans kept for names that clients ask for; one more and they are made anew. */
const MAX_PLANS = 2000;
/** Longer names are looked up anew each time: a client may write megabytes. */
const MAX_KEY = 512;
const NO_WISH: ProviderWish = {};

export interface RouterRefusal {
  readonly code: ErrorCode;
  readonly detail: string;
}

const UNKNOWN_TENANT: RouterRefusal = {
  code: 'tenant.unknown',
  detail: 'no tenant has the key or header of this request',
};

export type Choice = { readonly plan: TargetPlan } | RouterRefusal;

export type CandidatesDecision = Extract<Decision, { kind: 'candidates' }>;

export interface ModelRouterParts {
  readonly directory: Directory;
  /** Undefined = nobody is told apart. */
  readonly tenants: TenantFinder | undefined;
  /** Some backend of the route has several keys. */
  readonly hasKeys: boolean;
  /** The plan of candidates; its targets in the tiers given. */
  planOf(decision: CandidatesDecision): TargetPlan;
  measured(backend: string): ProviderFacts;
  readonly takesParameters: ParameterCheck;
  /** Undefined = candidates that cool down are asked all the same. */
  readonly queue: CoolingQueue | undefined;
}

/** Operations that another model can answer too. */
const CONVERSATIONS: ReadonlySet<Operation> = new Set(['chat', 'completions', 'responses']);

interface Planned {
  readonly model: string | undefined;
  readonly tenant: Tenant | undefined;
  readonly bearsOtherModels: boolean;
}

/** What is known of a request whose body was read. */
interface AskedBody {
  readonly model: string | undefined;
  readonly side: ClientSide;
  readonly tenant: Tenant | undefined;
  readonly wishes: RoutingWishes;
}

export class ModelRouter {
  private readonly parts: ModelRouterParts;
  /** By tenant and name; null = the plan that the route has anyway. */
  private readonly plans = new Map<string, TargetPlan | null>();
  private readonly isPlain: boolean;
  private readonly offerCount: number;

  constructor(parts: ModelRouterParts) {
    const { directory, tenants, hasKeys } = parts;
    this.parts = parts;
    this.isPlain = directory.settings === undefined && tenants === undefined && !hasKeys;
    this.offerCount = directory.offers.filter(({ isOfRoute }) => isOfRoute).length;
  }

  /**
   * Undefined = the plan that the route has for the name anyway. Without `side` the body is not read. hot: a gateway without
   * a router pays for the first comparison alone.
   */
  choose(exchange: Exchange, model: string | undefined, side: ClientSide | undefined): Choice | undefined {
    if (this.isPlain) return model === undefined || !model.includes('/') ? undefined : this.named(model);
    const { tenants } = this.parts;
    const tenant = tenants?.find(exchange);
    if (tenants !== undefined && tenant === undefined) return UNKNOWN_TENANT;
    exchange.tenant = tenant?.name;
    if (side === undefined) return this.planned({ model, tenant, bearsOtherModels: false });
    const bearsOtherModels = CONVERSATIONS.has(side.operation);
    const wishes = this.wishesOf(exchange, tenant);
    if (wishes !== undefined && 'code' in wishes) return wishes;
    if (wishes !== undefined && this.readsWishes) return this.wished({ model, side, tenant, wishes });
    const isMissing = model === undefined && this.parts.directory.settings?.isOn === true;
    return isMissing
      ? { code: 'request.model-missing', detail: '' }
      : this.planned({ model, tenant, bearsOtherModels });
  }

  /** Candidates that are at their limit are not asked. */
  get limits(): boolean {
    return this.parts.queue !== undefined;
  }

  /** True: the exchange waits or is refused, and `done` hears of it. */
  holds(exchange: Exchange, plan: TargetPlan, done: AfterWait): boolean {
    return this.parts.queue?.holds(exchange, plan, done) === true;
  }

  private get readsWishes(): boolean {
    return this.parts.directory.settings?.readsWishes === true;
  }

  private named(model: string): Choice | undefined {
    const { directory } = this.parts;
    if (directory.aliases.has(model) || offersNamed(model.slice(0, model.indexOf('/')), directory).length === 0)
      return undefined;
    return this.planned({ model, tenant: undefined, bearsOtherModels: true });
  }

  /** The same for every request of a tenant for a name. */
  private planned({ model, tenant, bearsOtherModels }: Planned): Choice | undefined {
    const key = `${tenant?.name ?? ''}\n${bearsOtherModels ? '' : '='}${model ?? ''}`;
    let plan = this.plans.get(key);
    if (plan === undefined) {
      const decision = decide({ model, models: [], wish: NO_WISH, tenant, bearsOtherModels }, this.parts.directory);
      if (decision.kind !== 'candidates') return this.refusal(decision, model);
      plan = this.isAsWritten(decision) ? null : this.parts.planOf(decision);
      if (this.plans.size >= MAX_PLANS) this.plans.clear();
      if (key.length <= MAX_KEY) this.plans.set(key, plan);
    }
    return plan === null ? undefined : { plan };
  }

  /** Nobody was left out, and nobody is asked for anything else. */
  private isAsWritten({ candidates, lanes }: CandidatesDecision): boolean {
    const isWhole = candidates.length === this.offerCount && lanes === undefined && !this.parts.hasKeys;
    return isWhole && candidates.every(({ why }) => why === '');
  }

  /** Read where the router does so, or where a list of models could lead a tenant past its own. */
  private wishesOf(exchange: Exchange, tenant: Tenant | undefined): RoutingWishes | RouterRefusal | undefined {
    if (!this.readsWishes && tenant?.allowedModels === undefined) return undefined;
    const { whole, wholeStart, wholeEnd } = exchange.body;
    if (whole === undefined) return undefined;
    const read = readWishes(whole, wholeStart, wholeEnd);
    if ('wrong' in read)
      return { code: 'request.bad-preference', detail: `${read.wrong.member}: expected ${read.wrong.expected}` };
    const { wishes } = read;
    if (wishes !== undefined)
      exchange.wishedBody = new WishedBody(exchange.body, wishes, tenant?.allowedModels === undefined);
    return wishes;
  }

  private wished({ model: named, side, wishes, tenant }: AskedBody): Choice {
    const { directory, measured, takesParameters } = this.parts;
    const model = named ?? wishes.models[0];
    if (model === undefined) return { code: 'request.model-missing', detail: '' };
    // OpenRouter's clients repeat the model at the head of the list, or name it there alone.
    const models = wishes.models.filter((name) => name !== model);
    const { operation, format, address } = side;
    const isStream = address.stream ?? bodyFacts.stream;
    const checked = { model, operation, isStream, format, names: wishes.members };
    const bearsOtherModels = CONVERSATIONS.has(operation);
    const asked = { model, models, wish: wishes.provider, tenant, measured, bearsOtherModels };
    const decision = decide({ ...asked, takesParameters: (each) => takesParameters(each, checked) }, directory);
    return decision.kind === 'candidates' ? { plan: this.parts.planOf(decision) } : this.refusal(decision, model);
  }

  private refusal(decision: Exclude<Decision, { kind: 'candidates' }>, model = ''): RouterRefusal {
    if (decision.kind === 'forbidden')
      return {
        code: 'model.not-allowed',
        detail: model === '' ? decision.because : `${decision.because} may not use ${model}`,
      };
    if (decision.kind === 'unmet')
      return { code: 'model.not-found', detail: `no provider of ${model} meets ${decision.because}` };
    return { code: 'model.not-found', detail: this.unknown(model) };
  }

  /** Names the nearest name there is. */
  private unknown(model: string): string {
    const { directory } = this.parts;
    const slash = model.indexOf('/');
    const providers = [...new Set(directory.offers.flatMap(({ backend, provider }) => [backend, provider]))];
    const nearProvider = slash > 0 ? nearestName(model.slice(0, slash), providers) : undefined;
    if (nearProvider !== undefined) return `there is no ${model}: did you mean ${nearProvider}${model.slice(slash)}?`;
    const near = nearestName(model, this.names());
    const more = near === undefined ? `providers: ${providers.join(', ')}` : `did you mean ${near}?`;
    return `no provider has ${model}; ${more}`;
  }

  /** Every name that is known here. */
  private names(): readonly string[] {
    const { aliases, offers, settings } = this.parts.directory;
    const listed = settings?.isOn === true ? Object.values(settings.priorities).flat() : [];
    const served = listed.filter((name) => resolveName(name, this.parts.directory).length > 0);
    const own = offers.filter(({ isOfRoute }) => isOfRoute).flatMap(knownModels);
    const auto = settings?.autoNames ?? [];
    return [...new Set([...aliases.keys(), ...auto, ...own, ...served])];
  }

  /** Names this client may use as `model`. Undefined = the provider's own listing is passed on, to nobody who has limits. */
  listing(exchange: Exchange, aliases: readonly string[]): readonly string[] | RouterRefusal | undefined {
    const { tenants, directory } = this.parts;
    const tenant = tenants?.find(exchange);
    if (tenants !== undefined && tenant === undefined) return UNKNOWN_TENANT;
    exchange.tenant = tenant?.name;
    const isOn = directory.settings?.isOn === true;
    const all = isOn ? this.names() : aliases;
    if (tenant === undefined || isFree(tenant)) return all.length > 0 ? all : undefined;
    return all.filter(
      (name) =>
        decide({ model: name, models: [], wish: NO_WISH, tenant, bearsOtherModels: true }, directory).kind ===
        'candidates',
    );
  }
}

function isFree({ allowedModels, allowedProviders }: Tenant): boolean {
  return allowedModels === undefined && allowedProviders === undefined;
}
