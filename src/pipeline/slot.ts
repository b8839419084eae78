// Typed places for what one filter leaves for another. A slot is declared once; who needs and who provides it is checked when
// a chain is compiled, so no filter reads what nobody wrote.

export interface Slot<T> {
  readonly name: string;
  readonly index: number;
  readonly __value?: T;
}

let slotCount = 0;

export function defineSlot<T>(name: string): Slot<T> {
  return { name, index: slotCount++ };
}
