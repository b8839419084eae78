// The life of one request: body, operation, faults, answer. Called by the server in simulator.ts for each.
import type { Answer } from './answer.ts';
import type { Call } from './call.ts';
import { answerControl, isControlPath, parseJson } from './control.ts';
import { deliverStream } from './deliver-stream.ts';
import { deliverWhole } from './deliver-whole.ts';
import type { FaultRules } from './fault-rules.ts';
import { isObject } from './json.ts';
import { openaiError, refusalFor } from './openai-error.ts';
import type { FoundOperation, OperationTable } from './operation-table.ts';
import { answerEcho } from './operations/echo.ts';
import { unknownModel } from './operations/models.ts';
import { formatFaults } from './parse-faults.ts';
import { describeBody, type ReceivedLog } from './received-log.ts';
import type { SimulatorClock } from './timers.ts';

export interface ServeParts {
  readonly name: string;
  readonly requireKey: string | undefined;
  readonly log: ReceivedLog;
  readonly rules: FaultRules;
  readonly table: OperationTable;
  readonly clock: SimulatorClock;
  /** The next number of an id; counted over all requests. */
  readonly ids: { next: number };
}

/** Larger bodies are 413. */
const MAX_BODY_BYTES = 256 * 1024 * 1024;

export function serve(call: Call, parts: ServeParts): void {
  const pieces: Buffer[] = [];
  let size = 0;
  call.request.on('data', (piece: Buffer) => {
    size += piece.length;
    if (size <= MAX_BODY_BYTES) pieces.push(piece);
  });
  call.request.on('end', () => {
    if (size <= MAX_BODY_BYTES) serveWhole(call, parts, pieces.length === 1 ? pieces[0] : Buffer.concat(pieces));
    else deliver(call, parts, openaiError(413, `The body is larger than ${MAX_BODY_BYTES} bytes.`));
  });
}

function serveWhole(call: Call, parts: ServeParts, bytes: Buffer): void {
  const { request, entry } = call;
  const { method = 'GET', url = '/' } = request;
  const path = url.split('?', 1)[0];
  if (isControlPath(path)) {
    deliver(call, parts, answerControl(parts, { method, path, body: bytes }));
    return;
  }
  const operation = parts.table.find(method, path);
  const json = operation.kind === 'json' ? parseJson(bytes) : undefined;
  entry.body = describeBody(bytes, json);
  if (operation.kind !== 'echo' && !mayCall(request.headers.authorization, parts.requireKey)) {
    deliver(call, parts, openaiError(401, 'Incorrect API key provided.', { code: 'invalid_api_key' }));
    return;
  }
  const header = request.headers['x-simulate'];
  const wanted = parts.rules.faultsFor({ path, model: entry.body.model, header: header?.toString() });
  if (!wanted.ok) {
    const { from, message } = wanted;
    deliver(call, parts, from === 'model' ? unknownModel(message) : openaiError(400, message, { param: 'x-simulate' }));
    return;
  }
  call.faults = wanted.faults;
  entry.faults = formatFaults(wanted.faults);
  call.after(wanted.faults.latency ?? 0, () => answerNow(call, parts, { operation, json }));
}

function mayCall(authorization: string | undefined, requireKey: string | undefined): boolean {
  return requireKey === undefined || authorization === `Bearer ${requireKey}`;
}

interface Wanted {
  readonly operation: FoundOperation;
  readonly json: unknown;
}

function answerNow(call: Call, parts: ServeParts, wanted: Wanted): void {
  const { faults } = call;
  if (faults.hang !== undefined) return;
  if (faults['reset-before-headers'] !== undefined) call.resetNow();
  else deliver(call, parts, refusalFor(faults) ?? answerOf(call, parts, wanted));
}

function answerOf(call: Call, parts: ServeParts, { operation, json }: Wanted): Answer {
  const { faults, entry } = call;
  switch (operation.kind) {
    case 'bare':
      return operation.answer();
    case 'echo': {
      const { method, url, headers, body } = entry;
      return answerEcho({ simulator: parts.name, method, url, headers, bytes: body?.bytes ?? 0 }, faults);
    }
    case 'json': {
      if (!isObject(json)) return openaiError(400, 'We could not parse the JSON body of your request.');
      const { model } = json;
      if (typeof model !== 'string' || model === '') return openaiError(400, 'you must provide a model parameter');
      const newId = (prefix: string): string => `${prefix}sim${String(parts.ids.next++).padStart(8, '0')}`;
      const createdSeconds = Math.floor(parts.clock.now() / 1000);
      return operation.answer({ body: json, model, faults, newId, createdSeconds });
    }
  }
}

function deliver(call: Call, { name, clock }: ServeParts, answer: Answer): void {
  const { entry } = call;
  const headers = {
    'x-simulator': name,
    'x-request-id': `req_sim${entry.number}`,
    'openai-processing-ms': String(Math.round(clock.now() - entry.receivedAtMs)),
    'openai-version': '2020-10-01',
  };
  if (answer.kind === 'stream') deliverStream(call, answer, headers);
  else deliverWhole(call, { ...answer, headers: { ...headers, ...answer.headers } });
}
