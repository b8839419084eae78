// A backend as one of its several keys sees it: the same endpoints, breakers and places, another credential.
import { CompiledBackend, type CompiledProvider } from './compiled-backend.ts';
import type { EndpointSet } from './endpoint-set.ts';

export class KeyedBackend extends CompiledBackend {
  readonly base: CompiledBackend;

  constructor(base: CompiledBackend, provider: CompiledProvider) {
    const { name, hostName, set, attempts, retries, fallback, keeper, admission, stream, window } = base;
    super({ name, hostName, set, provider, attempts, retries, fallback, keeper, admission, stream, window });
    this.base = base;
  }

  /** Endpoints found by name change in the base alone. */
  override get set(): EndpointSet {
    return this.base.set;
  }

  override isUsable(wallMs: number): boolean {
    return this.base.isUsable(wallMs);
  }
}
