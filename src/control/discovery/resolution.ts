// What is asked of a name and what comes back, whoever answers: the words between the watch over a name (name-watch.ts) and the
// resolver (dns-resolver.ts).
import type { DnsSource } from '../../model/backend.ts';

export type Question = Pick<DnsSource, 'kind' | 'name' | 'family'>;

/** One endpoint: all of its addresses, the one it is known by first. */
export interface FoundHost {
  readonly addresses: readonly string[];
  /** Of an SRV record. */
  readonly service?: {
    readonly target: string;
    readonly port: number;
    readonly priority: number;
    readonly weight: number;
  };
}

export type Answer =
  | {
      readonly kind: 'found';
      readonly hosts: readonly FoundHost[];
      /** Undefined when nobody said. */
      readonly ttlMs: number | undefined;
    }
  /** A server says that there is nothing under the name. */
  | { readonly kind: 'absent' }
  /** Nobody said anything that could be believed. */
  | { readonly kind: 'failed'; readonly reason: string };

/** Never rejects. */
export type Resolve = (question: Question) => Promise<Answer>;

export interface Resolver {
  readonly resolve: Resolve;
  /** Questions under way end, as failed. */
  close(): void;
}

/** The same question is asked once, however many backends have it. */
export function questionKey({ kind, name, family }: Question): string {
  return `${kind} ${family} ${name}`;
}
