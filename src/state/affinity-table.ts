// Where something was served last, known to all threads: which endpoint has a conversation's prompt in its cache, or made an answer.
// A bounded table of hashes in shared memory. Nothing is ever lost that matters: whoever is not found is routed as usual.

/** Entries that one key may stand in: a cache line. */
const WAYS = 4;
const CELLS = 4;
const FIRST = 0;
/** The second half of the key, mixed with all else, so that an entry written by two threads at once is found by neither. */
const CHECK = 1;
const TAG = 2;
/** Tenths of a second since `epochMs`, plus one; 0 = empty. */
const UNTIL = 3;

export interface AffinityMemory {
  readonly prompts: SharedArrayBuffer;
  readonly answers: SharedArrayBuffer;
}

/** Conversations and answers remembered for each endpoint that there may be: 65,536 of each, 2 MiB, with the rows of a gateway. */
const ENTRIES_PER_ROW = 4;

/** `rows`: of the table of endpoints. */
export function createAffinityMemory(rows: number): AffinityMemory {
  const entries = 2 ** Math.ceil(Math.log2(Math.max(rows * ENTRIES_PER_ROW, WAYS)));
  const create = (): SharedArrayBuffer => new SharedArrayBuffer(entries * CELLS * 4);
  return { prompts: create(), answers: create() };
}

/** Six years; what a gateway that is up for longer remembers is forgotten at once. */
const MAX_TENTHS = 0x7fffffff;

export class AffinityTable {
  private readonly cells: Int32Array;
  private readonly epochMs: number;
  private readonly mask: number;

  constructor(memory: SharedArrayBuffer, epochMs: number) {
    this.cells = new Int32Array(memory);
    this.epochMs = epochMs;
    this.mask = this.cells.length / (CELLS * WAYS) - 1;
  }

  private tenths(wallMs: number): number {
    return Math.min(Math.max(Math.floor((wallMs - this.epochMs) / 100) + 1, 1), MAX_TENTHS);
  }

  /** Tag of what was remembered by this key of two halves; 0 = nothing, or not any more. */
  find(first: number, second: number, wallMs: number): number {
    const { cells } = this;
    const now = this.tenths(wallMs);
    const start = (first & this.mask) * WAYS * CELLS;
    for (let at = start; at < start + WAYS * CELLS; at += CELLS) {
      if (Atomics.load(cells, at + FIRST) !== (first | 0)) continue;
      const tag = Atomics.load(cells, at + TAG);
      const until = Atomics.load(cells, at + UNTIL);
      if (Atomics.load(cells, at + CHECK) === (second ^ tag ^ until) && until > now) return tag;
    }
    return 0;
  }

  /** `tag` is not 0. Of a full line the entry goes that would be forgotten first. */
  remember(key: { readonly first: number; readonly second: number }, tag: number, untilMs: number): void {
    const { cells } = this;
    const { first, second } = key;
    const until = this.tenths(untilMs);
    const start = (first & this.mask) * WAYS * CELLS;
    let chosen = start;
    for (let at = start; at < start + WAYS * CELLS; at += CELLS) {
      if (this.isOf(at, first | 0, second)) {
        chosen = at;
        break;
      }
      if (Atomics.load(cells, at + UNTIL) < Atomics.load(cells, chosen + UNTIL)) chosen = at;
    }
    Atomics.store(cells, chosen + UNTIL, 0);
    Atomics.store(cells, chosen + FIRST, first);
    Atomics.store(cells, chosen + TAG, tag);
    Atomics.store(cells, chosen + CHECK, second ^ tag ^ until);
    Atomics.store(cells, chosen + UNTIL, until);
  }

  private isOf(at: number, first: number, second: number): boolean {
    const { cells } = this;
    const mixed = Atomics.load(cells, at + TAG) ^ Atomics.load(cells, at + UNTIL);
    return Atomics.load(cells, at + FIRST) === first && Atomics.load(cells, at + CHECK) === (second ^ mixed);
  }
}
