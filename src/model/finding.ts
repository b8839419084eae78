// What checking a configuration says. Findings are collected as values; nothing here is ever thrown.
import type { Origin } from './origin.ts';

/** One remark about a configuration: `error` stops a load, `warning` and `note` do not. */
export interface Finding {
  readonly severity: 'error' | 'warning' | 'note';
  /** Stable dotted name such as `config.unknown-key`; the documentation has one entry for each. */
  readonly code: string;
  readonly message: string;
  /** What to write instead, as a sentence a person can follow. */
  readonly mend?: string;
  readonly origin: Origin;
  /** How faithfully a foreign dialect's field was carried over. */
  readonly fidelity?: 'exact' | 'approximate' | 'dropped';
}
