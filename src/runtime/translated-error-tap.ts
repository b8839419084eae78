// A refusal of another wire told in the client's own error JSON. Its status and `Retry-After` pass as they are.
import type { ErrorDecoder } from '../llm/codec.ts';
import type { ClientFormat } from '../llm/format.ts';
import type { StreamEnd } from '../pipeline/outcome.ts';
import type { ByteSink } from '../wire/byte-sink.ts';
import type { ResponseHead } from '../wire/http1-response-parser.ts';
import type { AnswerTap } from './answer-tap.ts';
import { codingNamed, unpacked } from './content-coding.ts';
import { translatedHead } from './translated-head.ts';

/** The rest of a longer one is forgotten. */
const MAX_ERROR_BYTES = 256 * 1024;

export interface ErrorTranslation {
  readonly format: ClientFormat;
  readonly errors: ErrorDecoder;
  readonly status: number;
  readonly requestId: string;
  readonly field: (lowerName: string) => string | undefined;
}

export class TranslatedErrorTap implements AnswerTap {
  readonly changesLength = true;
  readonly verdict = 'useful';
  private readonly parts: ErrorTranslation;
  private readonly pieces: Buffer[] = [];
  private bytes = 0;

  constructor(parts: ErrorTranslation) {
    this.parts = parts;
  }

  headLines(head: ResponseHead, wallMs: number): string {
    const { rateLimitStyle } = this.parts.format;
    return translatedHead(head, { contentType: 'application/json', dropped: [], rateLimitStyle, wallMs });
  }

  push(bytes: Buffer, start: number, end: number): void {
    const kept = Math.min(end, start + MAX_ERROR_BYTES - this.bytes);
    if (kept <= start) return;
    this.pieces.push(Buffer.from(bytes.subarray(start, kept)));
    this.bytes += kept - start;
  }

  private write(out: ByteSink): void {
    const { format, errors, status, requestId, field } = this.parts;
    const coding = codingNamed(field('content-encoding'));
    const told = coding === undefined ? Buffer.concat(this.pieces) : unpacked(this.pieces, coding);
    const error = errors.decodeError(status, told?.toString() ?? '', field);
    const body = Buffer.from(format.encodeProviderError(error, requestId));
    out.write(body, 0, body.length);
  }

  end(out: ByteSink): StreamEnd {
    this.write(out);
    return 'complete';
  }

  /** What came of a refusal is enough to tell that it is one. */
  cut(out: ByteSink, cause: StreamEnd): StreamEnd {
    this.write(out);
    return cause;
  }

  abandon(): void {
    // Nothing was read out of it.
  }
}
