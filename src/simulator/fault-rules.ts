// Faults by configuration: which requests a rule strikes, how often, and what a request's own wishes add to it.
import type { FaultName, Faults } from './faults.ts';
import { faultTextOf, parseFaults } from './parse-faults.ts';

/** A fault for some requests. Without `model` and `path` it strikes every one. */
export interface FaultRule {
  /** As in a model name, without `sim-`: `latency-100ms+cut-2`. */
  readonly fault: string;
  /** Exact, or a pattern in which `*` is any text. */
  readonly model?: string;
  /** The path without its query; `*` is any text. */
  readonly path?: string;
  /** Share of the matching requests, 0–100, drawn from the seeded sequence. Default 100. */
  readonly percent?: number;
  /** Strikes only the first so many matching requests. Default: no end. */
  readonly times?: number;
}

export interface FaultTarget {
  readonly path: string;
  readonly model: string | undefined;
  /** The `x-simulate` header. */
  readonly header: string | undefined;
}

/** A wish that cannot be read names where it stood: a bad model name is an unknown model, a bad header a bad request. */
export type WantedFaults =
  | { readonly ok: true; readonly faults: Faults }
  | { readonly ok: false; readonly message: string; readonly from: 'header' | 'model' };

interface LiveRule {
  readonly faults: Faults;
  readonly model: RegExp | undefined;
  readonly path: RegExp | undefined;
  readonly percent: number;
  left: number;
}

const KNOWN: ReadonlySet<string> = new Set([
  'fault',
  'model',
  'path',
  'percent',
  'times',
] satisfies (keyof FaultRule)[]);

/** Checks rules from outside (a request body, a command line) and returns them, or says what is wrong. */
export function readFaultRules(value: unknown): readonly FaultRule[] | string {
  if (!Array.isArray(value)) return 'The faults must be an array of rules.';
  for (const rule of value as readonly unknown[]) {
    const wrong = wrongWith(rule);
    if (wrong !== undefined) return wrong;
  }
  return value as readonly FaultRule[];
}

function wrongWith(rule: unknown): string | undefined {
  if (typeof rule !== 'object' || rule === null) return 'A fault rule must be an object.';
  const unknown = Object.keys(rule).find((key) => !KNOWN.has(key));
  if (unknown !== undefined) return `A fault rule has no "${unknown}".`;
  const { fault, model, path, percent, times } = rule as Readonly<Record<keyof FaultRule, unknown>>;
  if (typeof fault !== 'string') return 'A fault rule needs a "fault", such as "status-503".';
  if (model !== undefined && typeof model !== 'string') return 'The "model" of a fault rule must be text.';
  if (path !== undefined && typeof path !== 'string') return 'The "path" of a fault rule must be text.';
  if (percent !== undefined && !(typeof percent === 'number' && percent >= 0 && percent <= 100))
    return 'The "percent" of a fault rule must be a number from 0 to 100.';
  if (times !== undefined && !(Number.isInteger(times) && (times as number) >= 0))
    return 'The "times" of a fault rule must be a whole number.';
  const parsed = parseFaults(fault);
  return parsed.ok ? undefined : parsed.message;
}

/** The rules in force. They must have passed `readFaultRules`. */
export class FaultRules {
  private readonly random: () => number;
  private live: LiveRule[] = [];
  written: readonly FaultRule[] = [];

  constructor(random: () => number) {
    this.random = random;
  }

  replace(rules: readonly FaultRule[]): void {
    this.written = rules;
    this.live = rules.map(toLive);
  }

  /** What shall go wrong with this request. The header wins over the model name, both over rules, an earlier rule over a later. */
  faultsFor(target: FaultTarget): WantedFaults {
    const inModel = target.model === undefined ? undefined : faultTextOf(target.model);
    const fromHeader = parseFaults(target.header);
    if (!fromHeader.ok) return { ...fromHeader, from: 'header' };
    const fromModel = parseFaults(inModel);
    if (!fromModel.ok) return { ...fromModel, from: 'model' };
    let faults: Partial<Record<FaultName, number>> = { ...fromModel.faults, ...fromHeader.faults };
    for (const rule of this.live) if (this.strikes(rule, target)) faults = { ...rule.faults, ...faults };
    return { ok: true, faults };
  }

  private strikes(rule: LiveRule, target: FaultTarget): boolean {
    if (rule.left === 0) return false;
    if (rule.model !== undefined && !(target.model !== undefined && rule.model.test(target.model))) return false;
    if (rule.path !== undefined && !rule.path.test(target.path)) return false;
    if (rule.percent < 100 && this.random() * 100 >= rule.percent) return false;
    rule.left--;
    return true;
  }
}

function toLive(rule: FaultRule): LiveRule {
  const parsed = parseFaults(rule.fault);
  return {
    faults: parsed.ok ? parsed.faults : {},
    model: rule.model === undefined ? undefined : toPattern(rule.model),
    path: rule.path === undefined ? undefined : toPattern(rule.path),
    percent: rule.percent ?? 100,
    left: rule.times ?? Number.POSITIVE_INFINITY,
  };
}

function toPattern(glob: string): RegExp {
  const parts = glob.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}
