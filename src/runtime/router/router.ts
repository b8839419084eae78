// What the walk of a request asks of routing: which route takes it, and why. Made by compile-router.ts, once per listener and
// generation.

/** Facts of a request that rules look at; an Exchange is one. */
export interface RouteRequest {
  readonly method: string;
  /** Lower case, without port. */
  readonly host: string;
  /** Normalised, without query. */
  readonly path: string;
  /** Raw, without `?`; empty if there is none. */
  readonly query: string;
  readonly headers: { get(lowerName: string): string | undefined };
  /** Undefined when the length is not declared (chunked); 0 without a body. */
  readonly declaredBytes: number | undefined;
  readonly model: string | undefined;
  /** False until the body was read for `model`. */
  readonly modelKnown: boolean;
}

/** One rule that was tried. */
export interface RouteTrial {
  /** Index into the routes given. */
  readonly route: number;
  readonly matched: boolean;
  /** The first predicate that fails, or what all of them ask for. */
  readonly because: string;
}

export const NO_ROUTE = -1;
/** The first rule still possible asks for `model`: read it, then match again. */
export const NEEDS_MODEL = -2;

export interface Router {
  /** Index into the routes given, NO_ROUTE or NEEDS_MODEL. Allocates nothing unless a rule in play looks at query or cookies. */
  match(request: RouteRequest): number;
  /** Every rule in the order tried, up to the one that takes the request (or needs the model first). */
  explain(request: RouteRequest): readonly RouteTrial[];
}
