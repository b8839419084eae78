// The gateway as plain, frozen, JSON-able data: flat tables joined by id. Dialects make it, the runtime compiles it, nothing hot reads it.
import type { Id } from '../base/types.ts';
import type { ModelAlias } from './alias.ts';
import type { Backend } from './backend.ts';
import type { DiscoverySettings } from './discovery.ts';
import type { GatewayHealth } from './health-check.ts';
import type { Listener } from './listener.ts';
import type { Locality } from './locality.ts';
import type { Origin } from './origin.ts';
import type { UsageSettings, WrittenPrice } from './prices.ts';
import type { FilterUse, Route } from './route.ts';
import type { RouterSettings, Tenant } from './router.ts';

/** A filter attached from outside: most specific wins per filter name, then the older, then the id (runtime/attach.ts). */
export interface Policy {
  readonly id: Id<'policy'>;
  readonly origin: Origin;
  readonly use: FilterUse;
  readonly target:
    | { readonly kind: 'gateway' }
    | { readonly kind: 'listener'; readonly id: Id<'listener'> }
    | { readonly kind: 'route'; readonly id: Id<'route'> }
    | { readonly kind: 'backend'; readonly id: Id<'backend'> };
}

/** What the access log holds beyond its fixed fields. */
export interface LogSettings {
  readonly enabled: boolean;
  /** Request headers copied into `request.headers` (lower case). Credentials can never be named here. */
  readonly requestHeaders: readonly string[];
}

export interface GatewayModel {
  readonly listeners: readonly Listener[];
  readonly routes: readonly Route[];
  readonly backends: readonly Backend[];
  readonly policies: readonly Policy[];
  readonly aliases: readonly ModelAlias[];
  readonly log: LogSettings;
  readonly locality?: Locality;
  /** Undefined = DEFAULT_GATEWAY_HEALTH. */
  readonly health?: GatewayHealth;
  /** Undefined = DEFAULT_DISCOVERY. */
  readonly discovery?: DiscoverySettings;
  /** Undefined = models are only looked up as aliases and `provider/model`. */
  readonly router?: RouterSettings;
  /** Undefined = nobody is told apart. */
  readonly tenants?: readonly Tenant[];
  /** Over those that the gateway ships with. */
  readonly prices?: readonly WrittenPrice[];
  /** Undefined = DEFAULT_USAGE. */
  readonly usage?: UsageSettings;
}
