// Whose request it is: by the key an SDK sends, in any of the fields SDKs use for it, else by a header; else everybody else.
import { hash } from 'node:crypto';
import type { Tenant } from '../../model/router.ts';
import type { Exchange } from '../../pipeline/exchange.ts';

/** In the order they are looked at. */
const KEY_FIELDS = ['authorization', 'x-api-key', 'x-goog-api-key', 'api-key'] as const;

export class TenantFinder {
  private readonly byKey = new Map<string, Tenant>();
  private readonly byHeader: readonly Tenant[];
  private readonly other: Tenant | undefined;

  constructor(tenants: readonly Tenant[]) {
    for (const tenant of tenants) for (const keyHash of tenant.keyHashes) this.byKey.set(keyHash, tenant);
    this.byHeader = tenants.filter(({ header }) => header !== undefined);
    this.other = tenants.find(({ isDefault }) => isDefault);
  }

  /** Undefined = nobody that is known. A key counts for more than a header that anybody can write. */
  find({ headers }: Pick<Exchange, 'headers'>): Tenant | undefined {
    return this.ofKey(headers) ?? this.ofHeader(headers) ?? this.other;
  }

  private ofKey(headers: Exchange['headers']): Tenant | undefined {
    if (this.byKey.size === 0) return undefined;
    for (const field of KEY_FIELDS) {
      const value = headers.get(field);
      const key = field === 'authorization' ? bearerOf(value) : value?.trim();
      // By its hash: how long the search takes tells nothing of the keys.
      const tenant =
        key === undefined || key === '' ? undefined : this.byKey.get(hash('sha256', Buffer.from(key, 'latin1')));
      if (tenant !== undefined) return tenant;
    }
    return undefined;
  }

  private ofHeader(headers: Exchange['headers']): Tenant | undefined {
    return this.byHeader.find(({ header }) => header !== undefined && headers.get(header.name) === header.value);
  }
}

function bearerOf(value: string | undefined): string | undefined {
  return value === undefined ? undefined : /^bearer +(.+)$/i.exec(value.trim())?.[1];
}
