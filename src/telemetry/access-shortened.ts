// A record whose line would not fit into a whole slot of the log's memory, cut so that it does: a client that sends a huge
// model name or path must not thereby keep its request out of the log.
import type { AccessAttempt, AccessGenAi, AccessRecord } from './access-record.ts';

/** Of one text, in UTF-16 units. A line has about forty texts and a unit becomes at most six bytes: about 120 KiB. */
const MAX_TEXT = 512;
const MAX_ATTEMPTS = 8;
const MAX_DROPPED = 8;

export function shortened(record: AccessRecord): AccessRecord {
  const { timestampMs, traceId, spanId, status, requestBytes, responseBytes, durationMs, firstByteMs } = record;
  return {
    ...{ timestampMs, traceId, spanId, status, requestBytes, responseBytes, durationMs, firstByteMs },
    requestId: cut(record.requestId),
    listener: cut(record.listener),
    clientIp: cut(record.clientIp),
    method: cut(record.method),
    host: cut(record.host),
    path: cut(record.path),
    query: cut(record.query),
    httpVersion: cut(record.httpVersion),
    routeName: maybeCut(record.routeName),
    routeWhy: maybeCut(record.routeWhy),
    upstream: maybeCut(record.upstream),
    tenant: maybeCut(record.tenant),
    attempts: record.attempts.slice(-MAX_ATTEMPTS).map(shortAttempt),
    errorCode: maybeCut(record.errorCode),
    errorDetail: maybeCut(record.errorDetail),
    streamEnd: maybeCut(record.streamEnd),
    genAi: record.genAi === undefined ? undefined : shortGenAi(record.genAi),
    requestHeaders: (lowerName) => maybeCut(record.requestHeaders(lowerName)),
  };
}

function shortAttempt({ backend, endpoint, status, ms, error }: AccessAttempt): AccessAttempt {
  return { backend: cut(backend), endpoint: cut(endpoint), status, ms, error: maybeCut(error) };
}

function shortGenAi(facts: AccessGenAi): AccessGenAi {
  return {
    ...facts,
    requestModel: cut(facts.requestModel),
    sentModel: cut(facts.sentModel),
    responseModel: cut(facts.responseModel),
    dropped: facts.dropped.slice(0, MAX_DROPPED).map(cut),
  };
}

function cut(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT).toWellFormed()}…`;
}

function maybeCut(text: string | undefined): string | undefined {
  return text === undefined ? undefined : cut(text);
}
