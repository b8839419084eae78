// One rule ready to be tried: its place in the total order, what is left to ask once host and path index have led to it, and
// the whole of it for `explain`.
import { formatHost, type HostPattern, hostMatches } from '../../base/host-pattern.ts';
import type { PathTest } from './path-test.ts';
import { ModelPredicate, type Predicate } from './predicates.ts';
import type { RouteRequest, RouteTrial } from './router.ts';

export interface RuleParts {
  /** Index into the routes given. */
  readonly route: number;
  /** Place in the order of all rules of the listener, 0 first. */
  readonly position: number;
  /** Where the route's and the listener's host patterns overlap. */
  readonly host: HostPattern;
  readonly path: PathTest | undefined;
  /** Glob or regex; undefined where the index alone settles the path. */
  readonly pattern: PathTest | undefined;
  readonly predicates: readonly Predicate[];
  readonly model: ModelPredicate | undefined;
  /** The path in words. */
  readonly pathAsks: string;
}

export class CompiledRule {
  readonly route: number;
  readonly position: number;
  readonly model: ModelPredicate | undefined;
  private readonly parts: RuleParts;
  private readonly pattern: PathTest | undefined;
  private readonly predicates: readonly Predicate[];

  constructor(parts: RuleParts) {
    this.parts = parts;
    this.route = parts.route;
    this.position = parts.position;
    this.model = parts.model;
    this.pattern = parts.pattern;
    this.predicates = parts.predicates;
  }

  /** For a rule that the index found: true also while only the model is open. */
  isPossible(request: RouteRequest): boolean {
    if (this.pattern !== undefined && !this.pattern.matches(request.path)) return false;
    const predicates = this.predicates;
    for (let index = 0; index < predicates.length; index++) if (!predicates[index].holds(request)) return false;
    return this.model === undefined || ModelPredicate.isOpen(request) || this.model.holds(request);
  }

  /** The rule possible for the request still waits for the model. */
  isOpen(request: RouteRequest): boolean {
    return this.model !== undefined && ModelPredicate.isOpen(request);
  }

  explain(request: RouteRequest): RouteTrial {
    const { host, path, pathAsks, predicates, model } = this.parts;
    const fails = (asks: string): RouteTrial => ({ route: this.route, matched: false, because: `asks for ${asks}` });
    if (!hostMatches(host, request.host)) return fails(`host ${formatHost(host)}`);
    if (path !== undefined && !path.matches(request.path)) return fails(pathAsks);
    const failed = predicates.find((predicate) => !predicate.holds(request));
    if (failed !== undefined) return fails(failed.asks);
    if (model !== undefined) {
      if (ModelPredicate.isOpen(request)) return fails(`${model.asks}, which is not read yet`);
      if (!model.holds(request)) return fails(model.asks);
    }
    return { route: this.route, matched: true, because: this.describe() };
  }

  private describe(): string {
    const { host, path, pathAsks, predicates, model } = this.parts;
    const asked = [
      ...(host.kind === 'any' ? [] : [`host ${formatHost(host)}`]),
      ...(path === undefined ? [] : [pathAsks]),
      ...predicates.map((predicate) => predicate.asks),
      ...(model === undefined ? [] : [model.asks]),
    ];
    return asked.length === 0 ? 'takes every request' : asked.join(', ');
  }
}
