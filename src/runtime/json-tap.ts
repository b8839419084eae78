// Reads usage and model out of a JSON answer on its way; the bytes go on as they came.
import { UsageScanner } from '../llm/usage-scanner.ts';
import type { GenAiRecord, StreamEnd } from '../pipeline/outcome.ts';
import type { ByteSink } from '../wire/byte-sink.ts';
import type { AnswerTap } from './answer-tap.ts';
import { HeldBytes } from './held-bytes.ts';
import { recordUsage } from './record-usage.ts';

/** Scanners are a few hundred bytes each and used for microseconds: the free ones wait here for the next answer. */
const free: UsageScanner[] = [];

export class JsonTap implements AnswerTap {
  readonly changesLength = false;
  /** A JSON answer is of use when it is whole. */
  readonly verdict = 'waiting';
  private readonly record: GenAiRecord;
  private readonly scanner: UsageScanner;

  constructor(record: GenAiRecord) {
    this.record = record;
    this.scanner = free.pop() ?? new UsageScanner();
    this.scanner.reset();
  }

  push(bytes: Buffer, start: number, end: number, out: ByteSink): void {
    this.scanner.push(bytes, start, end);
    out.write(bytes, start, end);
  }

  end(out: ByteSink): StreamEnd {
    const { scanner, record } = this;
    record.responseModel = scanner.model ?? '';
    if (scanner.usage.isFound) recordUsage(record, scanner.usage);
    else if (out instanceof HeldBytes) record.answerBody = out.whole();
    const end = scanner.hasError ? 'in-band-error' : 'complete';
    free.push(scanner);
    return end;
  }

  /** A JSON answer cut in the middle has no way to say so: the connection must break. */
  cut(): undefined {
    this.abandon();
  }

  abandon(): void {
    this.record.responseModel = this.scanner.model ?? '';
    free.push(this.scanner);
  }
}
