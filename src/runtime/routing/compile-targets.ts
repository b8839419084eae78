// Candidates of the router → targets of a plan: one for each key of a provider that has several, each with what may keep it out.
import type { Backend } from '../../model/backend.ts';
import { compileAuthorize } from '../compile-backend.ts';
import type { CompiledBackend } from '../compiled-backend.ts';
import { KeyedBackend } from '../keyed-backend.ts';
import type { PlanTarget } from '../plan.ts';
import type { ThreadResources } from '../thread-resources.ts';
import { type Candidate, sentModel } from './candidate.ts';
import { keyHash } from './key-hash.ts';
import { keyId, modelId, providerId, TargetCooling } from './target-cooling.ts';

/** One way to send to a backend. */
interface Sender {
  readonly backend: CompiledBackend;
  readonly weight: number;
  readonly id: string;
  /** For explanations; empty where there is one alone. */
  readonly label: string;
}

function sendersOf(
  { name, provider: use }: Backend,
  backend: CompiledBackend,
  resources: ThreadResources,
): readonly Sender[] {
  const { provider } = backend;
  const { apiKeys } = use ?? {};
  if (apiKeys === undefined || provider === undefined) return [{ backend, weight: 1, id: providerId(name), label: '' }];
  return apiKeys.map(({ apiKey, weight }, index) => {
    const credentialLines = provider.adapter.credentialLines(apiKey);
    const authorize = compileAuthorize(provider.adapter, apiKey, resources);
    const hash = keyHash(apiKey);
    return {
      backend: new KeyedBackend(backend, { ...provider, credentialLines, authorize }),
      weight,
      id: keyId(name, hash),
      label: `key ${index + 1} (${hash})`,
    };
  });
}

export interface CompileTargetsParts {
  readonly resources: ThreadResources;
  readonly rows: ReadonlyMap<string, Backend>;
  /** What is not single keys' cools down too. */
  readonly coolsAll: boolean;
}

export class TargetCompiler {
  private readonly parts: CompileTargetsParts;
  private readonly senders = new Map<string, readonly Sender[]>();

  constructor(parts: CompileTargetsParts) {
    this.parts = parts;
  }

  /** `base`: the target as its route makes it. */
  compile(candidate: Candidate, base: PlanTarget): readonly PlanTarget[] {
    const id = candidate.offer.backend;
    const senders = this.sendersAt(id, base.backend);
    const total = senders.reduce((sum, { weight }) => sum + weight, 0);
    return senders.map((sender) => {
      const label = sender.label === '' ? [] : [sender.label];
      const cooling = this.coolingOf(id, sender, candidate);
      return {
        ...base,
        backend: sender.backend,
        weight: (base.weight * sender.weight) / total,
        why: [candidate.why, ...label].filter((part) => part !== '').join(', '),
        ...(cooling !== undefined && { cooling }),
      };
    });
  }

  private sendersAt(id: string, backend: CompiledBackend): readonly Sender[] {
    let senders = this.senders.get(id);
    const row = this.parts.rows.get(id);
    if (senders === undefined && row !== undefined) {
      senders = sendersOf(row, backend, this.parts.resources);
      this.senders.set(id, senders);
    }
    return senders ?? [];
  }

  private coolingOf(id: string, sender: Sender, candidate: Candidate): TargetCooling | undefined {
    const row = this.parts.rows.get(id);
    const { coolsAll, resources } = this.parts;
    const hasSeveralKeys = row?.provider?.apiKeys !== undefined;
    if (row === undefined || (!coolsAll && !hasSeveralKeys)) return undefined;
    const model = sentModel(candidate);
    return new TargetCooling({
      table: resources.cooldowns,
      senderId: sender.id,
      hasSeveralKeys,
      hasSeveralEndpoints: row.endpoints.length > 1,
      forwardsCredential: row.provider?.forwardCredential ?? false,
      modelId: coolsAll && model !== undefined ? modelId(row.name, model) : undefined,
    });
  }
}
