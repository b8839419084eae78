// One request as one line of JSON, built by concatenation: the shape is fixed, so are the keys and their order.
import type { AccessAttempt, AccessGenAi, AccessRecord } from './access-record.ts';
import { isCredentialHeader, redactHeaderValue, redactQuery } from './credential-names.ts';
import { count, milliseconds, quoted, TimestampText } from './json-text.ts';

interface LoggedHeader {
  readonly name: string;
  /** `"x-environment":` */
  readonly key: string;
}

/** Formats the records of one thread. */
export class AccessLine {
  private readonly timestamps = new TimestampText();
  private headers: readonly LoggedHeader[] = [];

  /** Names of credentials are left out, whoever asks for them. */
  showHeaders(names: readonly string[]): void {
    const lowerNames = new Set(names.map((name) => name.toLowerCase()));
    this.headers = [...lowerNames]
      .filter((name) => !isCredentialHeader(name))
      .map((name) => ({ name, key: `${quoted(name)}:` }));
  }

  /** With the line feed. Fields without a value are left out, except those that programs read from every line. */
  format(record: AccessRecord): string {
    return (
      `{"timestamp":"${this.timestamps.format(record.timestampMs)}","request_id":${quoted(record.requestId)},"trace_id":${quoted(record.traceId)},"span_id":${quoted(record.spanId)},"listener":${quoted(record.listener)},"client_ip":${quoted(record.clientIp)},` +
      `"request":${this.request(record)},` +
      `"route_name":${record.routeName === undefined ? 'null' : quoted(record.routeName)}${field('route_why', record.routeWhy)}${field('upstream', record.upstream)},` +
      `"status":${count(record.status)},"response_bytes":${count(record.responseBytes)},"duration_ms":${milliseconds(record.durationMs)},"first_byte_ms":${milliseconds(record.firstByteMs)},` +
      `"attempts":${attempts(record.attempts)}${error(record)}${field('stream_end', record.streamEnd)}` +
      `${record.genAi === undefined ? '' : genAi(record.genAi)}}\n`
    );
  }

  private request(record: AccessRecord): string {
    const query = record.query === '' ? '' : `,"query":${quoted(redactQuery(record.query))}`;
    return `{"method":${quoted(record.method)},"host":${quoted(record.host)},"path":${quoted(record.path)}${query},"http_version":${quoted(record.httpVersion)},"bytes":${count(record.requestBytes)},"headers":${this.headerValues(record)}}`;
  }

  private headerValues(record: AccessRecord): string {
    let text = '{';
    for (const { name, key } of this.headers) {
      const value = record.requestHeaders(name);
      if (value === undefined) continue;
      text += `${text.length > 1 ? ',' : ''}${key}${quoted(redactHeaderValue(value))}`;
    }
    return `${text}}`;
  }
}

function field(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":${quoted(value)}`;
}

function attempts(list: readonly AccessAttempt[]): string {
  let text = '[';
  for (let i = 0; i < list.length; i++) {
    const { backend, endpoint, status, ms, error } = list[i];
    if (i > 0) text += ',';
    text += `{"backend":${quoted(backend)},"endpoint":${quoted(endpoint)},"status":${count(status)},"ms":${milliseconds(ms)}${field('error', error)}}`;
  }
  return `${text}]`;
}

function error(record: AccessRecord): string {
  if (record.errorCode === undefined) return '';
  return `,"error":{"code":${quoted(record.errorCode)}${field('detail', record.errorDetail)}}`;
}

/** OpenTelemetry's attribute names, nested at their dots. */
function genAi(facts: AccessGenAi): string {
  return (
    `,"gen_ai":{"operation":{"name":${quoted(facts.operation)}},"provider":{"name":${quoted(facts.provider)}},` +
    `"request":{"model":${quoted(facts.requestModel)},"sent_model":${quoted(facts.sentModel)},"streaming":${facts.streaming}},` +
    `"response":{"model":${quoted(facts.responseModel)},"first_token_ms":${milliseconds(facts.firstTokenMs)}},` +
    `"usage":{"input_tokens":${count(facts.inputTokens)},"output_tokens":${count(facts.outputTokens)},"total_tokens":${count(facts.totalTokens)},"cache_read":{"input_tokens":${count(facts.cachedTokens)}},"reasoning_tokens":${count(facts.reasoningTokens)},"estimated":${facts.estimated}}}`
  );
}
