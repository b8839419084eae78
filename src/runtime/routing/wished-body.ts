// The body of a request with wishes in its two forms: as the client wrote it, for OpenRouter, which has the same words; without the
// wishes for everybody else. Changed between tries, only where a request has wishes.
import { type RoutingWishes, withoutWishes } from '../../llm/routing-wishes.ts';
import type { RequestBody } from '../../pipeline/request-body.ts';

/** Providers that read the wishes themselves. */
const READS_WISHES: ReadonlySet<string> = new Set(['openrouter']);

interface Form {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

export class WishedBody {
  private readonly body: RequestBody;
  private readonly written: Form;
  private readonly plain: Form;
  private readonly mayPass: boolean;

  /** `mayPass`: some provider may see the wishes. */
  constructor(body: RequestBody, wishes: RoutingWishes, mayPass: boolean) {
    this.body = body;
    const { wholeStart: start, wholeEnd: end } = body;
    const whole = body.whole ?? Buffer.alloc(0);
    const bytes = withoutWishes(whole, wishes);
    this.written = { bytes: whole, start, end };
    this.plain = { bytes, start: 0, end: bytes.length };
    this.mayPass = mayPass;
    this.show(this.plain);
  }

  /** The body is the one for this provider from now on; true when it was another. */
  useFor(provider: string): boolean {
    return this.show(this.mayPass && READS_WISHES.has(provider) ? this.written : this.plain);
  }

  private show({ bytes, start, end }: Form): boolean {
    const { body } = this;
    if (body.whole === bytes) return false;
    const received = body.receivedBytes;
    body.setWhole(bytes, start, end);
    // As many as the client sent.
    body.receivedBytes = received;
    return true;
  }
}
