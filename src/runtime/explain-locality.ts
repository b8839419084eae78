// Where a request would go by region and zone, and why: the levels of the live balancer, asked without drawing.
import type { Exchange } from '../pipeline/exchange.ts';
import type { ExplainedLevel } from './backend-places.ts';
import type { EndpointSet } from './endpoint-set.ts';

export interface ExplainedLocality {
  /** As a trusted proxy would name it; undefined where it plays no part, or nothing names one. */
  readonly clientRegion: string | undefined;
  /** From the outermost in; places in the order they are asked, those of the likeliest place where there are two levels. */
  readonly levels: readonly ExplainedLevel[];
}

export interface LocalityExplanation {
  readonly locality: ExplainedLocality | undefined;
  /** Index of an endpoint that it would go to. */
  readonly endpoint: number;
}

export function explainLocality(exchange: Exchange, set: EndpointSet, wallMs: number): LocalityExplanation {
  const { places } = set;
  if (places === undefined) return { locality: undefined, endpoint: 0 };
  // Nobody sent it: its fields count as those of a trusted proxy, or the decision could not be asked about.
  const clientRegion = places.regionOf?.({ headers: exchange.headers, client: { isTrusted: true } });
  const choice = { key: set.keyOf(exchange), region: clientRegion, tried: () => false };
  const levels = places.explain(choice);
  const endpoint = places.likelyEndpoint(levels, (index) => set.isEndpointUsable(index, wallMs));
  return { locality: { clientRegion, levels }, endpoint };
}
