// What a simulated gateway thinks of its endpoints: at one moment, and every change of it over time. The admin API shows the same.
import type { Backend } from '../model/backend.ts';
import { placeOf } from './endpoint-place.ts';
import type { StateExpectation } from './scenario.ts';
import type { SimulatedGateway } from './simulated-gateway.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface ObservedState {
  readonly isUsable: boolean;
  readonly reasons: readonly string[];
  /** Undefined without a breaker. */
  readonly breaker: string | undefined;
}

/** Undefined: there is no such backend or endpoint at that time. */
export function observeState(
  { backend: name, endpoint }: Pick<StateExpectation, 'backend' | 'endpoint'>,
  { state }: SimulatedGateway,
  time: VirtualTime,
): ObservedState | undefined {
  const view = state.view(time.wall()).find((each) => each.name === name);
  if (view === undefined) return undefined;
  if (endpoint === undefined) {
    const reasons = [...new Set(view.endpoints.flatMap((each) => each.reasons))];
    return { isUsable: view.endpoints.some(({ usable }) => usable), reasons, breaker: view.breaker?.state };
  }
  const found = view.endpoints.find(({ url }) => placeOf(url) === placeOf(endpoint));
  // One endpoint alone shares the breaker of its backend.
  const breaker = found?.breaker ?? (view.endpoints.length === 1 ? view.breaker : undefined);
  return found && { isUsable: found.usable, reasons: found.reasons, breaker: breaker?.state };
}

/** An endpoint came into use, or went out of it for other reasons than before. */
export interface StateChange {
  /** At most one look earlier. */
  readonly atMs: number;
  readonly backend: string;
  readonly endpoint: string;
  /** Empty: it is used. */
  readonly reasons: readonly string[];
}

const LOOK_MS = 100;

/** Looks ten times a second; the first look says nothing of what is well. */
export function followReasons(
  gateway: SimulatedGateway,
  time: VirtualTime,
  onChange: (change: StateChange) => void,
): void {
  const known = new Map<string, string>();
  const look = (backend: Backend): void => {
    for (const { id, url } of backend.endpoints) {
      const reasons = gateway.state.reasons(backend, id, time.wall());
      const text = reasons.join(' ');
      if (text === (known.get(id) ?? '')) continue;
      known.set(id, text);
      onChange({ atMs: time.elapsedMs, backend: backend.name, endpoint: url, reasons });
    }
  };
  time.every(LOOK_MS, () => {
    for (const backend of gateway.state.backends) look(backend);
  });
}
