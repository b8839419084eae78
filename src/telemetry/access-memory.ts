// Memory for the log lines of one thread, shared with the thread that writes them to a file: the one fills a slot, lends it, and
// the other gives it back. So a line is never copied, and what is on its way is bounded whatever the reader does.

/** hot: a batch costs both threads a wake-up. At 64 KiB that was 1.4 us a request when batches were copied; not measured since. */
const SLOT_BYTES = 262_144;
/** With slots of 256 KiB 4 MiB a thread, which the system provides only when they are used: the lowest free slot is taken first. */
const SLOTS = 16;
const STATE_BYTES = SLOTS * Int32Array.BYTES_PER_ELEMENT;
const FREE = 0;
const TAKEN = 1;

/** Whole lines at the beginning of a slot. */
export interface LogBatch {
  readonly slot: number;
  readonly length: number;
  readonly lines: number;
}

/** Smaller slots are for tests; multiples of eight. */
export function createLogMemory(slotBytes = SLOT_BYTES): SharedArrayBuffer {
  return new SharedArrayBuffer(STATE_BYTES + SLOTS * slotBytes);
}

/** One end of the memory; both ends are alike. */
export class LogMemory {
  static readonly slots: number = SLOTS;
  readonly slotBytes: number;
  private readonly memory: SharedArrayBuffer;
  private readonly states: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.states = new Int32Array(memory, 0, SLOTS);
    this.slotBytes = (memory.byteLength - STATE_BYTES) / SLOTS;
  }

  /** A slot for the thread that writes lines; -1 when all are lent. */
  take(): number {
    for (let slot = 0; slot < SLOTS; slot++) {
      if (Atomics.load(this.states, slot) !== FREE) continue;
      Atomics.store(this.states, slot, TAKEN);
      return slot;
    }
    return -1;
  }

  /** Whoever has the slot is done with it. */
  release(slot: number): void {
    Atomics.store(this.states, slot, FREE);
  }

  /** The first `length` bytes of a slot; all unless told. */
  bytes(slot: number, length = this.slotBytes): Uint8Array {
    return new Uint8Array(this.memory, STATE_BYTES + slot * this.slotBytes, length);
  }
}
