// Whose request it is: by the key an SDK sends, in any of the fields SDKs use for it, else by a header; else everybody else.
import { hash } from 'node:crypto';
import type { Tenant } from '../../model/router.ts';
import type { Exchange } from '../../pipeline/exchange.ts';

/** In the order they are looked at. */
const KEY_FIELDS = ['authorization', 'x-api-key', 'x-goog-api-key', 'api-key'] as const;

type Asking = Pick<Exchange, 'headers' | 'tenantKeyFields'>;

export class TenantFinder {
  private readonly byKey = new Map<string, Tenant>();
  private readonly byHeader: readonly Tenant[];
  private readonly other: Tenant | undefined;

  constructor(tenants: readonly Tenant[]) {
    for (const tenant of tenants) for (const keyHash of tenant.keyHashes) this.byKey.set(keyHash, tenant);
    this.byHeader = tenants.filter(({ header }) => header !== undefined);
    this.other = tenants.find(({ isDefault }) => isDefault);
  }

  /**
   * Undefined = nobody that is known. A key counts for more than a header that anybody can write; the fields it stands in are
   * noted in the exchange.
   */
  find(exchange: Asking): Tenant | undefined {
    return this.ofKey(exchange) ?? this.ofHeader(exchange.headers) ?? this.other;
  }

  private ofKey(exchange: Asking): Tenant | undefined {
    if (this.byKey.size === 0) return undefined;
    const { headers } = exchange;
    for (const field of KEY_FIELDS) {
      const key = keyIn(headers, field);
      // By its hash: how long the search takes tells nothing of the keys.
      const tenant = key === '' ? undefined : this.byKey.get(hash('sha256', Buffer.from(key, 'latin1')));
      if (tenant === undefined) continue;
      exchange.tenantKeyFields = KEY_FIELDS.filter((other) => keyIn(headers, other) === key);
      return tenant;
    }
    return undefined;
  }

  private ofHeader(headers: Exchange['headers']): Tenant | undefined {
    return this.byHeader.find(({ header }) => header !== undefined && headers.get(header.name) === header.value);
  }
}

/** '' = there is none. */
function keyIn(headers: Exchange['headers'], field: (typeof KEY_FIELDS)[number]): string {
  const value = headers.get(field);
  return (field === 'authorization' ? bearerOf(value) : value?.trim()) ?? '';
}

function bearerOf(value: string | undefined): string | undefined {
  return value === undefined ? undefined : /^bearer +(.+)$/i.exec(value.trim())?.[1];
}
