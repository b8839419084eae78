// Which threads still hold which configuration generation, so that what a generation used can be given to another when the
// last of them let go of it.

/** `onReleased` is called once per generation, when it is not kept and nobody holds it. */
export class GenerationHolders<Holder> {
  private readonly onReleased: (generation: number) => void;
  private readonly holders = new Map<number, Set<Holder>>();
  private readonly kept = new Set<number>();

  constructor(onReleased: (generation: number) => void) {
    this.onReleased = onReleased;
  }

  /** The generation is current, or about to be: not released even while no thread holds it (they may all be restarting). */
  keep(generation: number): void {
    this.kept.add(generation);
    if (!this.holders.has(generation)) this.holders.set(generation, new Set());
  }

  unkeep(generation: number): void {
    this.kept.delete(generation);
    this.settle(generation);
  }

  hold(generation: number, holder: Holder): void {
    this.holders.get(generation)?.add(holder);
  }

  letGo(generation: number, holder: Holder): void {
    this.holders.get(generation)?.delete(holder);
    this.settle(generation);
  }

  /** The holder is gone, with everything it held. */
  forget(holder: Holder): void {
    for (const [generation, holders] of this.holders) if (holders.delete(holder)) this.settle(generation);
  }

  private settle(generation: number): void {
    const holders = this.holders.get(generation);
    if (holders === undefined || holders.size > 0 || this.kept.has(generation)) return;
    this.holders.delete(generation);
    this.onReleased(generation);
  }
}
