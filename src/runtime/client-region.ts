// Where a request comes from, as far as somebody trusted says so: the seam for every source of it. A lookup of the client's address
// would be another function of this type.

import type { BackendRegions } from '../model/locality.ts';
import type { Exchange } from '../pipeline/exchange.ts';

/** What of an exchange tells where its client is. */
export interface ClientSigns {
  readonly headers: Exchange['headers'];
  readonly client: Pick<Exchange['client'], 'isTrusted'>;
}

/** Name of a listed region, or undefined. */
export type ClientRegion = (signs: ClientSigns) => string | undefined;

/** From a field that a trusted peer sets. Nobody else's is looked at: a client could choose its region, and its price. */
export function compileClientRegion({ client, places }: BackendRegions): ClientRegion | undefined {
  if (client === undefined) return undefined;
  const { header, defaultRegion } = client;
  const names = new Map<string, string>();
  for (const { name, clients } of places)
    for (const value of [name, ...clients]) if (value !== '') names.set(value.toLowerCase(), name);
  return ({ client: { isTrusted }, headers }) => {
    const told = isTrusted ? headers.get(header) : undefined;
    return told === undefined ? defaultRegion : (names.get(told.trim().toLowerCase()) ?? defaultRegion);
  };
}
