// One rule ready to be tried: its place in the total order, what is left to ask once host and path index have led to it, and
// the whole of it for `explain`.
import { formatHost, type HostPattern, hostMatches } from '../../base/host-pattern.ts';
import type { PathMatch } from '../../model/match.ts';
import { describePath, matchesLiterally, type PathTest } from './path-test.ts';
import { ModelPredicate, type Predicate } from './predicates.ts';
import type { RouteRequest, RouteTrial } from './router.ts';

export interface RuleParts {
  /** Index into the routes given. */
  readonly route: number;
  /** Place in the order of all rules of the listener, 0 first. */
  readonly position: number;
  /** Where the route's and the listener's host patterns overlap. */
  readonly host: HostPattern;
  readonly path: PathMatch | undefined;
  /** Glob or regex; undefined where the index alone settles the path. */
  readonly pattern: PathTest | undefined;
  readonly predicates: readonly Predicate[];
  readonly model: ModelPredicate | undefined;
  /** The rule after this one at its place in the index. */
  readonly next: CompiledRule | undefined;
}

/** hot: flat, what a match looks at first: with thousands of routes each of these is read from memory, not from a cache. */
export class CompiledRule {
  readonly position: number;
  readonly route: number;
  private readonly pattern: PathTest | undefined;
  private readonly predicates: readonly Predicate[];
  private readonly model: ModelPredicate | undefined;
  readonly next: CompiledRule | undefined;
  private readonly host: HostPattern;
  private readonly path: PathMatch | undefined;

  constructor(parts: RuleParts) {
    this.position = parts.position;
    this.route = parts.route;
    this.pattern = parts.pattern;
    this.predicates = parts.predicates;
    this.model = parts.model;
    this.next = parts.next;
    this.host = parts.host;
    this.path = parts.path;
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
    const { host, path, predicates, model } = this;
    const fails = (asks: string): RouteTrial => ({ route: this.route, matched: false, because: `asks for ${asks}` });
    if (!hostMatches(host, request.host)) return fails(`host ${formatHost(host)}`);
    if (path !== undefined && !this.takesPath(path, request.path)) return fails(describePath(path));
    const failed = predicates.find((predicate) => !predicate.holds(request));
    if (failed !== undefined) return fails(failed.asks);
    if (model !== undefined) {
      if (ModelPredicate.isOpen(request)) return fails(`${model.asks}, which is not read yet`);
      if (!model.holds(request)) return fails(model.asks);
    }
    return { route: this.route, matched: true, because: this.describe() };
  }

  private takesPath(asked: PathMatch, path: string): boolean {
    return this.pattern === undefined ? matchesLiterally(asked, path) : this.pattern.matches(path);
  }

  private describe(): string {
    const { host, path, predicates, model } = this;
    const asked = [
      ...(host.kind === 'any' ? [] : [`host ${formatHost(host)}`]),
      ...(path === undefined ? [] : [describePath(path)]),
      ...predicates.map((predicate) => predicate.asks),
      ...(model === undefined ? [] : [model.asks]),
    ];
    return asked.length === 0 ? 'takes every request' : asked.join(', ');
  }
}
