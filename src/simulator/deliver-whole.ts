// Sends an answer that is one body with a declared length, and every fault that concerns one.
import type { WholeAnswer } from './answer.ts';
import type { Call } from './call.ts';
import type { Wire } from './wire.ts';

/** Pieces of a paced body: a tenth of a second's worth. */
const PIECES_PER_SECOND = 10;

export function deliverWhole(call: Call, answer: WholeAnswer, wire: Wire): void {
  const { faults, response } = call;
  const sent = faults['error-in-stream'] === undefined ? answer : inBandError(answer, wire);
  const bytes = Buffer.from(sent.body);
  const body = faults['empty-stream'] !== undefined ? Buffer.alloc(0) : bytes;
  const shown = faults['bad-json'] === undefined ? body : body.subarray(0, body.length >> 1);
  const framing: Readonly<Record<string, number>> =
    faults['bad-chunk'] === undefined ? { 'content-length': shown.length } : {};
  call.writeHead(sent.status, { ...sent.headers, 'content-type': sent.contentType, ...framing });
  const delayMs = faults['first-token'] ?? 0;
  if (!isInterrupted(call) && delayMs === 0 && faults.slow === undefined) {
    response.end(shown);
    return;
  }
  response.flushHeaders();
  if (faults['reset-after-headers'] !== undefined) {
    call.resetSoon();
    return;
  }
  call.after(delayMs, () => sendBody(call, shown));
}

function inBandError(answer: WholeAnswer, wire: Wire): WholeAnswer {
  return answer.status < 300 ? wire.inBandError() : answer;
}

function isInterrupted({ faults }: Call): boolean {
  const { cut, stall } = faults;
  const strikes = [cut, stall, faults['bad-chunk'], faults['reset-after-headers']];
  return strikes.some((value) => value !== undefined);
}

function sendBody(call: Call, body: Buffer): void {
  const { faults, response } = call;
  const half = body.subarray(0, body.length >> 1);
  if (faults['bad-chunk'] !== undefined) {
    response.write(half);
    call.breakChunk();
  } else if (faults.cut !== undefined) {
    response.write(half);
    call.cut();
  } else if (faults.stall !== undefined) response.write(half);
  else if (faults.slow !== undefined) sendPaced(call, { body, start: 0, bitsPerSecond: faults.slow });
  else response.end(body);
}

interface Paced {
  readonly body: Buffer;
  readonly start: number;
  readonly bitsPerSecond: number;
}

function sendPaced(call: Call, { body, start, bitsPerSecond }: Paced): void {
  if (start >= body.length) {
    call.response.end();
    return;
  }
  const piece = body.subarray(start, start + Math.max(1, Math.floor(bitsPerSecond / 8 / PIECES_PER_SECOND)));
  call.after((piece.length * 8000) / bitsPerSecond, () => {
    call.response.write(piece);
    sendPaced(call, { body, start: start + piece.length, bitsPerSecond });
  });
}
