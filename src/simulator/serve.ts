// The life of one request: body, operation, faults, answer. Called by the server in simulator.ts for each.
import type { Answer } from './answer.ts';
import type { Call } from './call.ts';
import { answerControl, isControlPath, parseJson } from './control.ts';
import { deliverStream } from './deliver-stream.ts';
import { deliverWhole } from './deliver-whole.ts';
import type { FaultRules } from './fault-rules.ts';
import { readForm } from './form.ts';
import { isObject } from './json.ts';
import { answerEcho } from './operations/echo.ts';
import { formatFaults } from './parse-faults.ts';
import { describeBody, type ReceivedLog } from './received-log.ts';
import { type Refusal, refusalOf } from './refusal.ts';
import type { SimulatorClock } from './timers.ts';
import type { RequestHead, Wire } from './wire.ts';
import type { FoundWire, Wires } from './wires.ts';

export interface ServeParts {
  readonly name: string;
  readonly requireKey: string | undefined;
  readonly log: ReceivedLog;
  readonly rules: FaultRules;
  readonly wires: Wires;
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
    else refuseLarge(call, parts);
  });
}

function refuseLarge(call: Call, parts: ServeParts): void {
  const { wire } = parts.wires.find(headOf(call));
  deliver(call, parts, { wire, answer: wire.error(413, `The body is larger than ${MAX_BODY_BYTES} bytes.`) });
}

function headOf({ request }: Call): RequestHead {
  const { method = 'GET', url = '/', headers } = request;
  const [path] = url.split('?', 1);
  return { method, url, path, query: new URLSearchParams(url.slice(path.length)), headers };
}

function serveWhole(call: Call, parts: ServeParts, bytes: Buffer): void {
  const { entry } = call;
  const head = headOf(call);
  const { method, path, headers } = head;
  if (isControlPath(path)) {
    deliver(call, parts, { wire: parts.wires.plain, answer: answerControl(parts, { method, path, body: bytes }) });
    return;
  }
  const found = parts.wires.find(head);
  const { wire, operation } = found;
  const json = readBody(found, head, bytes);
  entry.body = describeBody(bytes, json, operation.kind === 'json' ? operation : {});
  const denial = operation.kind === 'echo' ? undefined : wire.denies(head, parts.requireKey, bytes);
  if (denial !== undefined) {
    deliver(call, parts, { wire, answer: denial });
    return;
  }
  const header = headers['x-simulate'];
  const wanted = parts.rules.faultsFor({ path, model: entry.body.model, header: header?.toString() });
  if (!wanted.ok) {
    const { from, message } = wanted;
    const [status, hints] =
      from === 'model'
        ? ([404, { param: 'model', code: 'model_not_found' }] as const)
        : ([400, { param: 'x-simulate' }] as const);
    deliver(call, parts, { wire, answer: wire.error(status, message, hints) });
    return;
  }
  call.faults = wanted.faults;
  entry.faults = formatFaults(wanted.faults);
  call.after(wanted.faults.latency ?? 0, () => answerNow(call, parts, { ...found, json }));
}

/** What an operation reads of the body; undefined where it is not what the operation reads. */
function readBody({ operation }: FoundWire, { headers }: RequestHead, bytes: Buffer): unknown {
  if (operation.kind !== 'json') return undefined;
  return operation.isForm === true ? readForm(headers['content-type'], bytes) : parseJson(bytes);
}

interface Wanted extends FoundWire {
  readonly json: unknown;
}

function answerNow(call: Call, parts: ServeParts, wanted: Wanted): void {
  const { faults } = call;
  const { wire } = wanted;
  if (faults.hang !== undefined) return;
  if (faults['reset-before-headers'] !== undefined) {
    call.resetNow();
    return;
  }
  const refusal = refusalOf(faults);
  const refused = refusal === undefined ? undefined : refusedBy(wanted, refusal);
  deliver(call, parts, { wire, answer: refused ?? answerOf(call, parts, wanted) });
}

/** An operation may refuse in a shape of its own: a block inside a 200. */
function refusedBy({ wire, operation }: FoundWire, refusal: Refusal): Answer | undefined {
  return operation.kind === 'json' && operation.refusesItself?.(refusal) === true ? undefined : wire.refuse(refusal);
}

function answerOf(call: Call, parts: ServeParts, { wire, operation, json }: Wanted): Answer {
  const { faults, entry } = call;
  switch (operation.kind) {
    case 'bare':
      return operation.answer();
    case 'echo': {
      const { method, url, headers, body } = entry;
      return answerEcho({ simulator: parts.name, method, url, headers, bytes: body?.bytes ?? 0 }, faults);
    }
    case 'json': {
      if (!isObject(json)) return wire.error(400, 'We could not parse the JSON body of your request.');
      const model = operation.model ?? json.model;
      if (typeof model !== 'string' || model === '') return wire.error(400, 'you must provide a model parameter');
      const newId = (prefix: string): string => `${prefix}sim${String(parts.ids.next++).padStart(8, '0')}`;
      const createdSeconds = Math.floor(parts.clock.now() / 1000);
      return operation.answer({ body: json, model, faults, newId, createdSeconds });
    }
  }
}

interface Delivered {
  readonly wire: Wire;
  readonly answer: Answer;
}

function deliver(call: Call, { name, clock }: ServeParts, { wire, answer }: Delivered): void {
  const { entry } = call;
  const elapsedMs = Math.round(clock.now() - entry.receivedAtMs);
  const headers = { 'x-simulator': name, ...wire.fields(entry.number, elapsedMs) };
  if (answer.kind === 'stream') deliverStream(call, answer, headers);
  else deliverWhole(call, { ...answer, headers: { ...headers, ...answer.headers } }, wire);
}
