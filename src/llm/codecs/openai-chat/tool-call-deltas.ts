// Tool calls that come in pieces: which call a piece belongs to, whatever the server does with `index` and `id`.
import type { LlmEvent } from '../../event.ts';
import { isJsonObject, type JsonObject } from '../../json-value.ts';
import { argumentsOf, madeCallId } from './decode-content-parts.ts';
import { signatureOf } from './decode-messages.ts';

interface OpenCall {
  readonly number: number;
  id: string;
  name: string;
  signature: string | undefined;
  /** Arguments that came before the name. */
  held: string;
  isStarted: boolean;
}

export interface DeltaPlace {
  readonly choice: number;
  readonly responseId: string | undefined;
  readonly into: LlmEvent[];
}

/** The calls of one choice. */
export class ToolCallDeltas {
  private readonly calls: OpenCall[] = [];
  private readonly byIndex = new Map<number, OpenCall>();

  get count(): number {
    return this.calls.length;
  }

  /** One item of a delta's `tool_calls`. */
  take(delta: JsonObject, place: DeltaPlace): void {
    const named = isJsonObject(delta.function) ? delta.function : isJsonObject(delta.custom) ? delta.custom : {};
    const name = typeof named.name === 'string' ? named.name : '';
    const id = typeof delta.id === 'string' ? delta.id : '';
    const call = this.callOf(delta.index, id, name);
    call.signature ??= signatureOf(delta);
    if (!call.isStarted) {
      if (call.id === '') call.id = id;
      call.name += name;
    }
    this.append(call, argumentsOf(named.arguments ?? named.input), place);
  }

  /** Calls that never got a name are told as they are: the client's side decides. */
  flush(place: DeltaPlace): void {
    for (const call of this.calls) if (!call.isStarted) this.start(call, place);
  }

  /** By index where there is one; by id where it is new; else the call that was spoken of last. */
  private callOf(index: unknown, id: string, name: string): OpenCall {
    const known = typeof index === 'number' ? this.byIndex.get(index) : this.withoutIndex(id, name);
    // Some servers give every call the index 0: another id under another name is another call.
    const isOther = known !== undefined && id !== '' && known.id !== '' && known.id !== id && name !== '';
    if (known !== undefined && !isOther) return known;
    const call: OpenCall = {
      number: this.calls.length,
      id: '',
      name: '',
      signature: undefined,
      held: '',
      isStarted: false,
    };
    this.calls.push(call);
    if (typeof index === 'number') this.byIndex.set(index, call);
    return call;
  }

  private withoutIndex(id: string, name: string): OpenCall | undefined {
    if (id !== '') return this.calls.find((call) => call.id === id);
    // A whole call in one piece, as servers write them that know neither.
    return name === '' ? this.calls.at(-1) : undefined;
  }

  private append(call: OpenCall, text: string, place: DeltaPlace): void {
    call.held += text;
    if (!call.isStarted && call.name !== '') this.start(call, place);
    if (!call.isStarted || call.held === '') return;
    place.into.push({ type: 'tool-call-delta', choice: place.choice, call: call.number, text: call.held });
    call.held = '';
  }

  private start(call: OpenCall, { choice, responseId, into }: DeltaPlace): void {
    call.isStarted = true;
    if (call.id === '') call.id = madeCallId(responseId, choice, call.number);
    const { id, name, number, signature, held } = call;
    into.push({
      type: 'tool-call-start',
      choice,
      call: number,
      id,
      name,
      ...(signature !== undefined && { signature }),
    });
    if (held === '') return;
    into.push({ type: 'tool-call-delta', choice, call: number, text: held });
    call.held = '';
  }
}
