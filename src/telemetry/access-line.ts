// One request as one line of JSON, written piece by piece into the log's memory. What is the same between requests lies
// together, so that the usual line is four kept fragments and the numbers and ids between them.
import { isCredentialHeader } from '../base/credential-header.ts';
import { rareCounts, writeAgentgateway } from './access-ai.ts';
import { type LineBytes, literal, wordsOf } from './access-bytes.ts';
import { AccessFragments } from './access-fragments.ts';
import type { AccessAttempt, AccessGenAi, AccessRecord } from './access-record.ts';
import { redactHeaderValue, redactQuery } from './credential-names.ts';
import { MAX_ESCAPED, milliseconds, optionalField, quoted } from './json-text.ts';

/** More than the literals of a line, its time, its ids, fifteen numbers, and seven costs with their version can be. */
const MAX_FIXED_BYTES = 2048;

const SPAN_ID = literal('","span_id":"');
const REQUEST_ID = literal('","request_id":"');
const REQUEST_ID_TEXT = literal('","request_id":');
const CLIENT_IP = literal('","client_ip":');
const CLIENT_IP_AFTER_TEXT = literal(',"client_ip":');
const DURATION = literal(',"duration_ms":');
const FIRST_BYTE = literal(',"first_byte_ms":');
const RESPONSE_BYTES = literal(',"response_bytes":');
const REQUEST_BYTES = literal(',"request":{"bytes":');
const PATH = literal(',"path":');
const ATTEMPTS = literal(',"attempts":[');
const ATTEMPTS_END = literal('}]');
const USAGE = literal('},"usage":{"input_tokens":');
const OUTPUT_TOKENS = literal(',"output_tokens":');
const TOTAL_TOKENS = literal(',"total_tokens":');
const CACHED_TOKENS = literal(',"cache_read":{"input_tokens":');
const REASONING_TOKENS = literal('},"reasoning_tokens":');
const ESTIMATED = literal(',"estimated":true');
const NOT_ESTIMATED = literal(',"estimated":false');
const USAGE_END = literal('}}');
const END = literal('}\n');

const TRACE_ID_LENGTH = 32;
const NO_HEADERS = ',"headers":{}';
const NO_HEADERS_LITERAL = literal(NO_HEADERS);

/** Formats the records of one thread. */
export class AccessLine {
  private readonly fragments = new AccessFragments();
  private second = Number.NaN;
  /** Up to the trace id; its thousandths of a second are written over. */
  private head: Float64Array = new Float64Array(0);
  private headLength = 0;
  private thousandthsAt = 0;
  private headerNames: readonly string[] = [];
  /** Of the line before: most requests have the same. */
  private headerValues: (string | undefined)[] = [];
  private headersText = NO_HEADERS;

  /** Names of credentials are left out, whoever asks for them. */
  showHeaders(names: readonly string[]): void {
    const lowerNames = new Set(names.map((name) => name.toLowerCase()));
    this.headerNames = [...lowerNames].filter((name) => !isCredentialHeader(name));
    this.headerValues = this.headerNames.map(() => undefined);
    this.headersText = NO_HEADERS;
  }

  /**
   * With the line feed. Fields without a value are left out, except those that programs read from every line. False: there may
   * be no room for the line, and nothing was written.
   */
  write(record: AccessRecord, out: LineBytes): boolean {
    const { attempts, genAi, requestId, path } = record;
    const request = this.request(record);
    const route = this.fragments.route(record, genAi === undefined ? undefined : path);
    const only = attempts.length === 1 && attempts[0].error === undefined ? attempts[0] : undefined;
    const attempt = only === undefined ? this.allAttempts(attempts) : this.fragments.attempt(only);
    const model = genAi === undefined ? '' : this.fragments.model(genAi);
    const rare = genAi === undefined ? '' : rareCounts(genAi);
    const dropped = genAi === undefined || genAi.dropped.length === 0 ? '' : droppedText(genAi.dropped);
    const error = record.errorCode === undefined ? '' : errorText(record, record.errorCode);
    const free = requestId.length + record.clientIp.length + path.length;
    const texts =
      request.length + route.length + attempt.length + model.length + error.length + rare.length + dropped.length;
    if (out.room < MAX_FIXED_BYTES + free * MAX_ESCAPED + texts) return false;
    this.ids(record, out);
    numbers(record, out);
    if (request === NO_HEADERS) out.literal(NO_HEADERS_LITERAL);
    else out.text(request);
    if (genAi === undefined) {
      out.literal(PATH);
      out.quoted(path);
    }
    out.text(route);
    out.literal(ATTEMPTS);
    out.text(attempt);
    if (only !== undefined) {
      out.milliseconds(only.ms);
      out.literal(ATTEMPTS_END);
    }
    if (genAi !== undefined) {
      modelNumbers(genAi, model, out);
      if (rare !== '') out.text(rare);
      out.literal(USAGE_END);
      writeAgentgateway(genAi, record.durationMs, out);
      if (dropped !== '') out.text(dropped);
    }
    if (error !== '') out.text(error);
    out.literal(END);
    return true;
  }

  /** From the beginning to after the request id. */
  private ids(record: AccessRecord, out: LineBytes): void {
    const { timestampMs, requestId, traceId } = record;
    const second = Math.floor(timestampMs / 1000);
    if (second !== this.second) this.startSecond(second);
    const start = out.at;
    out.words(this.head, this.headLength);
    out.decimalsAt(start + this.thousandthsAt, Math.floor(timestampMs) - second * 1000);
    const traceAt = out.at;
    out.text(traceId);
    out.literal(SPAN_ID);
    out.text(record.spanId);
    if (requestId === traceId && traceId.length === TRACE_ID_LENGTH) {
      out.literal(REQUEST_ID);
      out.again(traceAt, TRACE_ID_LENGTH);
      out.literal(CLIENT_IP);
    } else {
      out.literal(REQUEST_ID_TEXT);
      out.quoted(requestId);
      out.literal(CLIENT_IP_AFTER_TEXT);
    }
    out.quoted(record.clientIp);
  }

  private startSecond(second: number): void {
    const beforePoint = `{"timestamp":"${new Date(second * 1000).toISOString().slice(0, -5)}`;
    const head = `${beforePoint}.000Z","trace_id":"`;
    this.head = wordsOf(head);
    this.headLength = head.length;
    this.thousandthsAt = beforePoint.length;
    this.second = second;
  }

  private request(record: AccessRecord): string {
    const headers = this.headerNames.length === 0 ? NO_HEADERS : this.headers(record);
    return record.query === '' ? headers : `,"query":${quoted(redactQuery(record.query))}${headers}`;
  }

  private headers(record: AccessRecord): string {
    const { headerNames, headerValues } = this;
    let isChanged = false;
    for (let i = 0; i < headerNames.length; i++) {
      const value = record.requestHeaders(headerNames[i]);
      if (value === headerValues[i]) continue;
      headerValues[i] = value;
      isChanged = true;
    }
    if (isChanged) this.headersText = this.makeHeadersText();
    return this.headersText;
  }

  private makeHeadersText(): string {
    const fields: string[] = [];
    for (let i = 0; i < this.headerNames.length; i++) {
      const value = this.headerValues[i];
      if (value !== undefined) fields.push(`${quoted(this.headerNames[i])}:${quoted(redactHeaderValue(value))}`);
    }
    return `,"headers":{${fields.join()}}`;
  }

  /** With their closing bracket, when they are not the usual one. */
  private allAttempts(list: readonly AccessAttempt[]): string {
    const texts = list.map(
      (attempt) =>
        `${this.fragments.attempt(attempt)}${milliseconds(attempt.ms)}${optionalField('error', attempt.error)}}`,
    );
    return `${texts.join()}]`;
  }
}

function numbers(record: AccessRecord, out: LineBytes): void {
  out.literal(DURATION);
  out.milliseconds(record.durationMs);
  out.literal(FIRST_BYTE);
  out.milliseconds(record.firstByteMs);
  out.literal(RESPONSE_BYTES);
  out.count(record.responseBytes);
  out.literal(REQUEST_BYTES);
  out.count(record.requestBytes);
}

function modelNumbers(facts: AccessGenAi, model: string, out: LineBytes): void {
  out.text(model);
  out.milliseconds(facts.firstTokenMs);
  out.literal(USAGE);
  out.count(facts.inputTokens);
  out.literal(OUTPUT_TOKENS);
  out.count(facts.outputTokens);
  out.literal(TOTAL_TOKENS);
  out.count(facts.totalTokens);
  out.literal(CACHED_TOKENS);
  out.count(facts.cachedTokens);
  out.literal(REASONING_TOKENS);
  out.count(facts.reasoningTokens);
  out.literal(facts.estimated ? ESTIMATED : NOT_ESTIMATED);
}

function droppedText(names: readonly string[]): string {
  return `,"dropped":[${names.map(quoted).join()}]`;
}

function errorText(record: AccessRecord, code: string): string {
  return `,"error":{"code":${quoted(code)}${optionalField('detail', record.errorDetail)}}`;
}
