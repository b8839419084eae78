// Whether a candidate stands out for now: its key or provider was refused or is at its limit, or it has not the model. Set by what
// answers say, read when candidates are chosen; the times are shared by all threads (state/cooldown-table.ts).
import type { CooldownCause, CooldownTable } from '../../state/cooldown-table.ts';
import { rateLimitResetOf } from '../../upstream/rate-limit-reset.ts';
import type { HeaderList } from '../../wire/header-list.ts';

/** Where the answer does not say when to come back. */
const COOL_MS: Readonly<Record<Exclude<CooldownCause, 'none'>, number>> = {
  'rate-limit': 5000,
  credential: 30_000,
  payment: 60_000,
  model: 30_000,
};
const MAX_COOL_MS = 3_600_000;

export interface CoolingParts {
  readonly table: CooldownTable;
  /** Of what is sent by: one key of several, else the backend. */
  readonly senderId: string;
  readonly hasSeveralKeys: boolean;
  /** A 429 of one endpoint says nothing of the others. */
  readonly hasSeveralEndpoints: boolean;
  /** The client's own credential travels: its refusal is the client's own. */
  readonly forwardsCredential: boolean;
  /** Undefined = whatever is asked for. */
  readonly modelId: string | undefined;
}

export function keyId(backend: string, keyHash: string): string {
  return `key:${backend}:${keyHash}`;
}

export function providerId(backend: string): string {
  return `provider:${backend}`;
}

export function modelId(backend: string, model: string): string {
  return `model:${backend}:${model}`;
}

function causeOf(status: number): Exclude<CooldownCause, 'none'> | undefined {
  if (status === 429) return 'rate-limit';
  if (status === 401 || status === 403) return 'credential';
  if (status === 402) return 'payment';
  return status === 404 ? 'model' : undefined;
}

export class TargetCooling {
  private readonly parts: CoolingParts;

  constructor(parts: CoolingParts) {
    this.parts = parts;
  }

  isOut(wallMs: number): boolean {
    return this.untilMs(wallMs) > 0;
  }

  /** When it is over; 0 = it stands in. */
  untilMs(wallMs: number): number {
    const { table, senderId, modelId: model } = this.parts;
    const sender = table.untilMs(senderId, wallMs);
    return model === undefined ? sender : Math.max(sender, table.untilMs(model, wallMs));
  }

  /** Only of a limit it is known that waiting helps. */
  limitedUntilMs(wallMs: number): number {
    const cooling = this.parts.table.describe(this.parts.senderId, wallMs);
    return cooling?.cause === 'rate-limit' ? cooling.untilMs : 0;
  }

  /** Its key is one of several, and was refused: the client's own key is not to blame. */
  blamesKey(status: number): boolean {
    const { hasSeveralKeys, forwardsCredential } = this.parts;
    return hasSeveralKeys && !forwardsCredential && (status === 401 || status === 402 || status === 403);
  }

  onAnswer(status: number, headers: HeaderList, wallMs: number): void {
    const cause = causeOf(status);
    if (cause === undefined) return;
    const { table, senderId, modelId: model, hasSeveralKeys, hasSeveralEndpoints, forwardsCredential } = this.parts;
    if (cause !== 'model' && forwardsCredential) return;
    if (cause === 'rate-limit' && hasSeveralEndpoints && !hasSeveralKeys) return;
    const id = cause === 'model' ? model : senderId;
    if (id === undefined) return;
    const told = cause === 'model' ? -1 : rateLimitResetOf(headers, wallMs);
    const coolMs = Math.min(told >= 0 ? told : COOL_MS[cause], MAX_COOL_MS);
    table.begin(id, { cause, untilMs: wallMs + coolMs }, wallMs);
  }

  /** For explanations; empty while it stands in. */
  whyOut(wallMs: number): string {
    const { table, senderId, modelId: model } = this.parts;
    const cooling =
      table.describe(senderId, wallMs) ?? (model === undefined ? undefined : table.describe(model, wallMs));
    if (cooling === undefined) return '';
    return `, cools down for ${Math.ceil((cooling.untilMs - wallMs) / 1000)} s more (${cooling.cause})`;
  }
}
