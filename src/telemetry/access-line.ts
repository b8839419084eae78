// One request as one line of JSON, built by concatenation: the shape is fixed, so are the keys and their order.
import { AccessFragments, optionalField } from './access-fragments.ts';
import type { AccessAttempt, AccessGenAi, AccessRecord } from './access-record.ts';
import { isCredentialHeader, redactHeaderValue, redactQuery } from './credential-names.ts';
import { count, milliseconds, quoted, TimestampText } from './json-text.ts';

/** A header to show, with its last value as text: most requests have the same. */
interface LoggedHeader {
  readonly name: string;
  /** `"x-environment":` */
  readonly key: string;
  value: string | undefined;
  text: string;
}

/** Formats the records of one thread. */
export class AccessLine {
  private readonly timestamps = new TimestampText();
  private readonly fragments = new AccessFragments();
  private headers: readonly LoggedHeader[] = [];

  /** Names of credentials are left out, whoever asks for them. */
  showHeaders(names: readonly string[]): void {
    const lowerNames = new Set(names.map((name) => name.toLowerCase()));
    this.headers = [...lowerNames]
      .filter((name) => !isCredentialHeader(name))
      .map((name) => ({ name, key: `${quoted(name)}:`, value: undefined, text: '' }));
  }

  /** With the line feed. Fields without a value are left out, except those that programs read from every line. */
  format(record: AccessRecord): string {
    const { attempts, errorCode, genAi, streamEnd } = record;
    return (
      `{"timestamp":"${this.timestamps.format(record.timestampMs)}","request_id":${quoted(record.requestId)},"trace_id":"${record.traceId}","span_id":"${record.spanId}"` +
      `${this.fragments.route(record)}${this.fragments.client(record.clientIp)}${this.request(record)},` +
      `"status":${count(record.status)},"response_bytes":${count(record.responseBytes)},"duration_ms":${milliseconds(record.durationMs)},"first_byte_ms":${milliseconds(record.firstByteMs)}` +
      `${attempts.length === 0 ? ',"attempts":[]' : this.attempts(attempts)}` +
      `${errorCode === undefined ? '' : error(record, errorCode)}` +
      `${streamEnd === undefined ? '' : optionalField('stream_end', streamEnd)}` +
      `${genAi === undefined ? '' : this.genAi(genAi)}}\n`
    );
  }

  private request(record: AccessRecord): string {
    const query = record.query === '' ? '' : `,"query":${quoted(redactQuery(record.query))}`;
    return `${this.fragments.request(record)}${quoted(record.path)}${query},"bytes":${count(record.requestBytes)},"headers":${this.headerValues(record)}}`;
  }

  private headerValues(record: AccessRecord): string {
    let text = '{';
    for (const header of this.headers) {
      const value = record.requestHeaders(header.name);
      if (value === undefined) continue;
      if (value !== header.value) {
        header.value = value;
        header.text = `${header.key}${quoted(redactHeaderValue(value))}`;
      }
      text += text.length > 1 ? `,${header.text}` : header.text;
    }
    return `${text}}`;
  }

  private attempts(list: readonly AccessAttempt[]): string {
    let text = ',"attempts":[';
    for (let i = 0; i < list.length; i++) {
      const attempt = list[i];
      if (i > 0) text += ',';
      text += `${this.fragments.attempt(attempt)}${milliseconds(attempt.ms)}${optionalField('error', attempt.error)}}`;
    }
    return `${text}]`;
  }

  private genAi(facts: AccessGenAi): string {
    return (
      `${this.fragments.model(facts)}${milliseconds(facts.firstTokenMs)}},` +
      `"usage":{"input_tokens":${count(facts.inputTokens)},"output_tokens":${count(facts.outputTokens)},"total_tokens":${count(facts.totalTokens)},"cache_read":{"input_tokens":${count(facts.cachedTokens)}},"reasoning_tokens":${count(facts.reasoningTokens)},"estimated":${facts.estimated}}}`
    );
  }
}

function error(record: AccessRecord, code: string): string {
  return `,"error":{"code":${quoted(code)}${optionalField('detail', record.errorDetail)}}`;
}
