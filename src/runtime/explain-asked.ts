// For explanations: which target of a plan is asked, and what an AI provider is asked there. As live traffic passes over targets
// that cannot be asked this (send-try.ts), so does this.
import { ERROR_CODES } from '../errors/codes.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import type { AiExchange } from './ai-exchange.ts';
import type { AiRefusal } from './ai-translation.ts';
import type { PlanTarget, TargetPlan } from './plan.ts';

export interface PassedOver {
  readonly backend: string;
  readonly because: string;
}

export interface AskedAi {
  readonly requestLine: string;
  readonly model: string | undefined;
  /** Where the provider speaks another wire than the client: which, and what cannot be said in it. */
  readonly translation?: { readonly wire: string; readonly dropped: readonly string[] };
}

export type Asked =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'refused'; readonly refusal: AiRefusal }
  /** In the backend's place, by the gateway. */
  | { readonly kind: 'counted'; readonly backend: string }
  | {
      readonly kind: 'target';
      readonly target: PlanTarget;
      /** Undefined on plain routes. */
      readonly ai: AskedAi | undefined;
      readonly passedOver: readonly PassedOver[];
    };

export function reasonOf({ code, detail }: AiRefusal): string {
  const { title } = ERROR_CODES[code];
  return detail === '' ? title : `${title}: ${detail}`;
}

function askAi(exchange: Exchange, ai: AiExchange, target: PlanTarget): AskedAi | AiRefusal | undefined {
  const { provider } = target.backend;
  if (provider === undefined) return undefined;
  const request = ai.requestFor(target, provider);
  if ('code' in request) return request;
  const { path, query } = request;
  const translation = ai.translatedTo;
  return {
    requestLine: `${exchange.method} ${path}${query === '' ? '' : `?${query}`} HTTP/1.1`,
    model: exchange.genAi?.sentModel,
    ...(translation !== undefined && { translation }),
  };
}

export interface AskedParts {
  readonly plan: TargetPlan;
  readonly ai: AiExchange | undefined;
  /** The gateway counts tokens itself. */
  readonly counts: boolean;
}

/** Moves no counter of the plan. */
export function explainAsked(exchange: Exchange, { plan, ai, counts }: AskedParts, wallMs: number): Asked {
  const tried = new Set<PlanTarget>();
  const passedOver: PassedOver[] = [];
  let first: AiRefusal | undefined;
  for (;;) {
    const target = plan.peek(wallMs, plan.bucketOf(exchange), tried);
    if (target === undefined) return first === undefined ? { kind: 'nobody' } : { kind: 'refused', refusal: first };
    const asked = ai === undefined ? undefined : askAi(exchange, ai, target);
    if (asked === undefined || !('code' in asked)) return { kind: 'target', target, ai: asked, passedOver };
    if (counts && asked.code === 'operation.not-supported' && ai?.askedCount !== undefined)
      return { kind: 'counted', backend: target.backend.name };
    first ??= asked;
    if (ERROR_CODES[asked.code].retry !== 'other-endpoint') return { kind: 'refused', refusal: first };
    passedOver.push({ backend: target.backend.name, because: reasonOf(asked) });
    tried.add(target);
  }
}
