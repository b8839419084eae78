// Which marked beginnings of prompts have been seen, for the wires that report cache writes and reads.
import { hash } from 'node:crypto';
import { countTokens } from './tokens.ts';

const KEPT = 1000;

export interface CacheCounts {
  readonly read: number;
  readonly write: number;
}

export const NOTHING_CACHED: CacheCounts = { read: 0, write: 0 };

export class PromptCache {
  private readonly seen = new Set<string>();

  /** Counts the texts up to the last mark: read when this very beginning came before, written otherwise. */
  count(model: string, marked: readonly string[]): CacheCounts {
    if (marked.length === 0) return NOTHING_CACHED;
    const tokens = marked.reduce((sum, text) => sum + countTokens(text), 0);
    const key = hash('sha256', JSON.stringify([model, marked]), 'base64');
    if (this.seen.has(key)) return { read: tokens, write: 0 };
    this.seen.add(key);
    if (this.seen.size > KEPT) this.seen.delete(this.seen.values().next().value as string);
    return { read: 0, write: tokens };
  }
}
