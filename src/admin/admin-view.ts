// What the admin server needs of the gateway. Given its body in app/; the server decides nothing itself.
import type { Finding } from '../model/finding.ts';
import type { GatewayModel } from '../model/gateway-model.ts';

export interface ListenerView {
  readonly id: string;
  readonly url: string;
}

/** `stale`: what is written was refused, an older configuration runs. */
export interface StatusView {
  readonly status: 'starting' | 'ready' | 'draining';
  readonly version: string;
  readonly generation: number;
  readonly configuration: 'current' | 'stale';
  readonly listeners: readonly ListenerView[];
  readonly workers: { readonly up: number; readonly wanted: number };
  readonly uptimeSeconds: number;
}

/** A request to explain, as it would come in. */
export interface ExplainInput {
  readonly method: string;
  /** Path with query, or a whole URL. */
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | undefined;
}

export interface ReloadView {
  readonly outcome: 'applied' | 'unchanged' | 'refused';
  readonly findings: readonly Finding[];
  readonly changes: readonly string[];
}

export interface AdminView {
  status(): StatusView;
  model(): GatewayModel | undefined;
  findings(): readonly Finding[];
  /** Prometheus text. */
  exposition(): string;
  /** Undefined while no thread serves. */
  explain(input: ExplainInput): Promise<object | undefined>;
  reload(): Promise<ReloadView>;
  /** Only for tests; undefined in a real gateway. */
  readonly crashWorker?: (position: number) => void;
}
