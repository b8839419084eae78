// What stands out for a while: keys of providers, models at a backend, whole providers, each until a time and for a reason. Shared by
// all threads and outliving configurations; named by text, because models come from requests.
import { findSlot, type SlotTable, takeSlot } from './slot-hash.ts';

export const COOLDOWN_CAUSES = ['none', 'rate-limit', 'credential', 'payment', 'model'] as const;
export type CooldownCause = (typeof COOLDOWN_CAUSES)[number];

const COLUMNS = 4;
/** Hundredths of a second since `epochMs`, plus one: 248 days; 0 = is not cooling. */
const UNTIL = 1;
const CAUSE = 2;
const COUNT = 3;
const SLOTS = 8192;
const UNIT_MS = 10;

const CELLS = SLOTS * COLUMNS;

/** The table, and the seed of its hashes behind it. */
export function createCooldownMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer((CELLS + 1) * 4);
}

/** Once, before any thread reads it: names come from clients, and none of them shall cool down another one's. */
export function seedCooldowns(memory: SharedArrayBuffer, seed: number): void {
  new Int32Array(memory)[CELLS] = seed;
}

export interface Cooldown {
  readonly cause: CooldownCause;
  readonly untilMs: number;
  /** How often it was made to cool down. */
  readonly count: number;
}

export class CooldownTable {
  private readonly table: SlotTable;
  private readonly epochMs: number;

  constructor(memory: SharedArrayBuffer, epochMs: number) {
    const cells = new Int32Array(memory, 0, CELLS);
    this.table = { cells, columns: COLUMNS, seed: new Int32Array(memory)[CELLS] };
    this.epochMs = epochMs;
  }

  /** Cools down until the later of this and what is known. */
  begin(id: string, { cause, untilMs }: Omit<Cooldown, 'count'>, nowMs: number): void {
    const { cells } = this.table;
    const now = this.stamp(nowMs);
    const first = takeSlot(this.table, id, (slot) => Atomics.load(cells, slot + UNTIL) < now);
    const until = this.stamp(untilMs);
    for (;;) {
      const before = Atomics.load(cells, first + UNTIL);
      if (before >= until) return;
      if (Atomics.compareExchange(cells, first + UNTIL, before, until) !== before) continue;
      Atomics.store(cells, first + CAUSE, COOLDOWN_CAUSES.indexOf(cause));
      Atomics.add(cells, first + COUNT, 1);
      return;
    }
  }

  /** It answered well: what was held against it is over. */
  end(id: string): void {
    const first = findSlot(this.table, id);
    if (first !== -1) Atomics.store(this.table.cells, first + UNTIL, 0);
  }

  /** When it is over; 0 when it is not cooling. */
  untilMs(id: string, nowMs: number): number {
    const first = findSlot(this.table, id);
    if (first === -1) return 0;
    const until = Atomics.load(this.table.cells, first + UNTIL);
    return until <= this.stamp(nowMs) ? 0 : this.epochMs + (until - 1) * UNIT_MS;
  }

  describe(id: string, nowMs: number): Cooldown | undefined {
    const untilMs = this.untilMs(id, nowMs);
    const first = findSlot(this.table, id);
    if (untilMs === 0 || first === -1) return undefined;
    const { cells } = this.table;
    return {
      cause: COOLDOWN_CAUSES[Atomics.load(cells, first + CAUSE)] ?? 'none',
      untilMs,
      count: Atomics.load(cells, first + COUNT),
    };
  }

  private stamp(timeMs: number): number {
    return Math.min(Math.max(0, Math.ceil((timeMs - this.epochMs) / UNIT_MS)) + 1, 0x7fffffff);
  }
}
