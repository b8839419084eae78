// Takes the framing off a chunked answer of a stream client. A proxy may cut chunks wherever it likes, also inside an event, so
// whoever looks for text must look behind this. Independent of the product's own decoder: it must not share its mistakes.

const CR_LF = Buffer.from('\r\n');
const NOTHING: Buffer = Buffer.alloc(0);
const HEAD_END = Buffer.from('\r\n\r\n');

export class ChunkedReader {
  /** The last chunk has arrived. */
  isEnded = false;
  /** Something that is no chunked answer of status 200 came: what it was. */
  complaint: string | undefined;
  private readonly onPayload: (bytes: Buffer) => void;
  private held: Buffer = NOTHING;
  private hasHead = false;
  /** Bytes of the chunk still to come. */
  private left = 0;

  constructor(onPayload: (bytes: Buffer) => void) {
    this.onPayload = onPayload;
  }

  /** `read` may be overwritten afterwards. */
  take(read: Buffer): void {
    const bytes = this.held.length === 0 ? read : Buffer.concat([this.held, read]);
    let at = this.hasHead ? 0 : this.takeHead(bytes);
    while (at < bytes.length && this.hasHead && !this.isEnded && this.complaint === undefined) {
      const next = this.left > 0 ? this.takePayload(bytes, at) : this.takeSize(bytes, at);
      if (next < 0) break;
      at = next;
    }
    this.held = at === bytes.length ? NOTHING : Buffer.from(bytes.subarray(at));
  }

  private takeHead(bytes: Buffer): number {
    const end = bytes.indexOf(HEAD_END);
    if (end < 0) return 0;
    const head = bytes.toString('latin1', 0, end);
    if (!/^HTTP\/1\.1 200 /.test(head) || !/\r\ntransfer-encoding: *chunked/i.test(head)) this.complaint = head;
    this.hasHead = true;
    return end + HEAD_END.length;
  }

  private takePayload(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.left);
    this.onPayload(bytes.subarray(at, end));
    this.left -= end - at;
    return end;
  }

  /** The size line, with the line end of the chunk before it. Returns -1 when it has not arrived whole. */
  private takeSize(bytes: Buffer, at: number): number {
    const start = bytes[at] === CR_LF[0] ? at + CR_LF.length : at;
    const end = bytes.indexOf(CR_LF, start);
    if (end < 0) return -1;
    const line = bytes.toString('latin1', start, end);
    this.left = Number.parseInt(line, 16);
    if (!(this.left >= 0)) this.complaint = `chunk size ${JSON.stringify(line)}`;
    this.isEnded = this.left === 0;
    return end + CR_LF.length;
  }
}
