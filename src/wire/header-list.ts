// The header section of one message as offsets into its text, with changes laid on top. Nothing is decoded until somebody asks,
// and what nobody changed is written back in long runs: no object, string or lower-casing per field (ADR 0007).
import { FIELD_VALUE, LOWER, TOKEN } from './characters.ts';
import { knownHeaderId } from './known-headers.ts';

interface AddedField {
  readonly name: string;
  readonly lowerName: string;
  readonly value: string;
}

const INITIAL_FIELDS = 32;

/**
 * Fields in order of arrival, then fields added since. Names are asked for in lower case and found in any case; the case of
 * an added name is kept. One list is reused for every message of a connection: it is valid only while its message is.
 */
export class HeaderList {
  /** The message head as latin1 text; spans point into it. */
  text = '';
  /** Fields received, dropped ones included. */
  count = 0;
  /** Four offsets per field: name start, name end, value start, value end. */
  spans: Int32Array = new Int32Array(INITIAL_FIELDS * 4);
  /** Known-header number per field, 0 for others. */
  ids: Uint8Array = new Uint8Array(INITIAL_FIELDS);
  /** 1 = not part of the message any more. */
  dropped: Uint8Array = new Uint8Array(INITIAL_FIELDS);
  /** End of the last field's line in `text`. */
  fieldsEnd = 0;
  private added: AddedField[] | undefined;

  clear(): void {
    this.text = '';
    this.count = 0;
    this.fieldsEnd = 0;
    this.added = undefined;
  }

  /** Used by parsers only; offsets are relative to the text that `attach` will set. */
  pushSpan(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number, id: number): void {
    const index = this.count++;
    if (index >= this.ids.length) this.grow();
    const at = index << 2;
    this.spans[at] = nameStart;
    this.spans[at + 1] = nameEnd;
    this.spans[at + 2] = valueStart;
    this.spans[at + 3] = valueEnd;
    this.ids[index] = id;
    this.dropped[index] = 0;
  }

  attach(text: string, fieldsEnd: number): void {
    this.text = text;
    this.fieldsEnd = fieldsEnd;
  }

  private grow(): void {
    const fields = this.ids.length * 2;
    const spans = new Int32Array(fields * 4);
    spans.set(this.spans);
    const ids = new Uint8Array(fields);
    ids.set(this.ids);
    const dropped = new Uint8Array(fields);
    dropped.set(this.dropped);
    this.spans = spans;
    this.ids = ids;
    this.dropped = dropped;
  }

  nameAt(index: number): string {
    return this.text.slice(this.spans[index << 2], this.spans[(index << 2) + 1]);
  }

  valueAt(index: number): string {
    return this.text.slice(this.spans[(index << 2) + 2], this.spans[(index << 2) + 3]);
  }

  private matches(index: number, id: number, lowerName: string): boolean {
    if (this.dropped[index] === 1) return false;
    if (id !== 0 || this.ids[index] !== 0) return this.ids[index] === id;
    const start = this.spans[index << 2];
    if (this.spans[(index << 2) + 1] - start !== lowerName.length) return false;
    for (let offset = 0; offset < lowerName.length; offset++) {
      if (LOWER[this.text.charCodeAt(start + offset) & 255] !== lowerName.charCodeAt(offset)) return false;
    }
    return true;
  }

  /** The value of a field; several of one name are joined by `, ` (RFC 9110 §5.3), cookies by `; `. */
  get(lowerName: string): string | undefined {
    const id = knownHeaderId(lowerName);
    let value: string | undefined;
    for (let index = 0; index < this.count; index++) {
      if (this.matches(index, id, lowerName)) value = join(lowerName, value, this.valueAt(index));
    }
    if (this.added !== undefined) {
      for (const field of this.added) if (field.lowerName === lowerName) value = join(lowerName, value, field.value);
    }
    return value;
  }

  /** The value of the first received field with this known number; undefined when there is none. Added fields are not seen. */
  getKnown(id: number): string | undefined {
    for (let index = 0; index < this.count; index++) {
      if (this.ids[index] === id && this.dropped[index] === 0) return this.valueAt(index);
    }
    return undefined;
  }

  getAll(lowerName: string): readonly string[] {
    const id = knownHeaderId(lowerName);
    const values: string[] = [];
    for (let index = 0; index < this.count; index++)
      if (this.matches(index, id, lowerName)) values.push(this.valueAt(index));
    for (const field of this.added ?? []) if (field.lowerName === lowerName) values.push(field.value);
    return values;
  }

  has(lowerName: string): boolean {
    const id = knownHeaderId(lowerName);
    for (let index = 0; index < this.count; index++) if (this.matches(index, id, lowerName)) return true;
    return this.added?.some((field) => field.lowerName === lowerName) ?? false;
  }

  /** Takes a field out of what was received; one added since stays. */
  deleteReceived(lowerName: string): void {
    const id = knownHeaderId(lowerName);
    for (let index = 0; index < this.count; index++) if (this.matches(index, id, lowerName)) this.dropped[index] = 1;
  }

  delete(lowerName: string): void {
    this.deleteReceived(lowerName);
    if (this.added !== undefined) this.added = this.added.filter((field) => field.lowerName !== lowerName);
  }

  deleteKnown(id: number): void {
    for (let index = 0; index < this.count; index++) if (this.ids[index] === id) this.dropped[index] = 1;
  }

  /** Adds a field after all others. The name's case is kept. Throws on a name or value that could not be sent (response splitting). */
  append(name: string, value: string): void {
    assertSendable(name, value);
    this.added ??= [];
    this.added.push({ name, lowerName: name.toLowerCase(), value });
  }

  /** Replaces every field of the name by one. */
  set(name: string, value: string): void {
    this.delete(name.toLowerCase());
    this.append(name, value);
  }

  /** A list of its own with the same fields, for what must outlive the message. */
  copy(): HeaderList {
    const copy = new HeaderList();
    copy.text = this.text;
    copy.count = this.count;
    copy.spans = this.spans.slice();
    copy.ids = this.ids.slice();
    copy.dropped = this.dropped.slice();
    copy.fieldsEnd = this.fieldsEnd;
    copy.added = this.added?.slice();
    return copy;
  }

  /** Whether a field that is still part of the message has such a name. */
  someName(fits: (lowerName: string) => boolean): boolean {
    for (let index = 0; index < this.count; index++)
      if (this.dropped[index] === 0 && fits(this.nameAt(index).toLowerCase())) return true;
    return this.added?.some(({ lowerName }) => fits(lowerName)) ?? false;
  }

  /** Every field that is still part of the message, in order, name in lower case. */
  *entries(): Generator<readonly [name: string, value: string]> {
    for (let index = 0; index < this.count; index++) {
      if (this.dropped[index] === 0) yield [this.nameAt(index).toLowerCase(), this.valueAt(index)];
    }
    for (const field of this.added ?? []) yield [field.lowerName, field.value];
  }

  /**
   * The fields as complete lines, each ending in CRLF; dropped ones left out. Neighbouring lines are copied as one run.
   * `withheld` stands in for `dropped` when one message leaves out more than the request itself: 1 = not in these lines.
   */
  lines(withheld: Uint8Array = this.dropped): string {
    let out = '';
    let runStart = -1;
    for (let index = 0; index < this.count; index++) {
      const lineStart = this.spans[index << 2];
      if (withheld[index] === 1) {
        if (runStart !== -1) out += this.text.slice(runStart, lineStart);
        runStart = -1;
      } else if (runStart === -1) runStart = lineStart;
    }
    if (runStart !== -1) out += this.text.slice(runStart, this.fieldsEnd);
    if (this.added !== undefined) for (const field of this.added) out += `${field.name}: ${field.value}\r\n`;
    return out;
  }
}

function join(lowerName: string, before: string | undefined, value: string): string {
  if (before === undefined) return value;
  return before + (lowerName === 'cookie' ? '; ' : ', ') + value;
}

/** Whether `name: value` can be written into a head without changing what the head says (CR, LF, NUL and controls refused). */
export function isSendable(name: string, value: string): boolean {
  if (name.length === 0) return false;
  for (let index = 0; index < name.length; index++) {
    const code = name.charCodeAt(index);
    if (code > 255 || TOKEN[code] === 0) return false;
  }
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if (code > 255 || FIELD_VALUE[code] === 0) return false;
  }
  return true;
}

function assertSendable(name: string, value: string): void {
  // The value is not repeated: it may be a credential.
  if (!isSendable(name, value))
    throw new TypeError(`header field ${JSON.stringify(name)} has a name or value that cannot be sent`);
}
