// What a simulated endpoint answers, as steps in time: a head, pieces of body, an end – or a failure in its place. AI operations
// are answered by the built-in provider's own code (simulator/).
import type { Answer, StreamAnswer } from '../simulator/answer.ts';
import { OperationTable } from '../simulator/operation-table.ts';
import { ResponseShelf } from '../simulator/operations/response-shelf.ts';
import type { UpstreamCall } from '../upstream/client/upstream-call.ts';
import { type Behaviour, type FailureMode, meetsConnections, strike } from './behaviour.ts';
import { draw } from './distribution.ts';
import { bodyOf, targetOf } from './received-request.ts';

/** `reset`: the connection breaks. `silence`: nothing follows. */
export type Action =
  | { readonly kind: 'head'; readonly text: string }
  | { readonly kind: 'body'; readonly text: string }
  | { readonly kind: 'end' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'silence' };

export interface Step {
  /** After the step before. */
  readonly afterMs: number;
  readonly actions: readonly Action[];
}

const END: Action = { kind: 'end' };
const RESET: Action = { kind: 'reset' };
const SILENCE: Action = { kind: 'silence' };

/** Providers are reached under base paths of their own: what follows is what they are asked. */
const OPERATION = /\/(chat\/completions|completions|embeddings|responses)$/;

interface Drawn {
  readonly behaviour: Behaviour;
  readonly random: () => number;
  readonly latencyMs: number;
  readonly failure: FailureMode | undefined;
}

function headText(status: number, fields: Readonly<Record<string, string | number>>): string {
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} \r\n${lines.join('')}\r\n`;
}

export class AnswerWriter {
  private readonly url: string;
  private readonly random: () => number;
  private readonly operations = new OperationTable(new ResponseShelf());
  private nextId = 1;

  constructor(url: string, random: () => number) {
    this.url = url;
    this.random = random;
  }

  /** Everything that follows the request. */
  write(call: UpstreamCall, behaviour: Behaviour): Iterator<Step> {
    const { random } = this;
    const latencyMs = draw(behaviour.latency, random) * behaviour.slower;
    const failure = strike(behaviour, (kind) => !meetsConnections(kind), random);
    const drawn: Drawn = { behaviour, random, latencyMs, failure };
    if (failure?.kind === 'reset') return once({ afterMs: latencyMs, actions: [RESET] });
    if (failure?.kind === 'stall') return once({ afterMs: latencyMs, actions: [SILENCE] });
    if (failure?.kind === 'status') return once(errorStep(failure, latencyMs));
    const answer = this.operationAnswer(call);
    if (answer?.kind === 'stream') return streamSteps(answer, drawn);
    const text =
      answer?.body.toString() ?? behaviour.body ?? JSON.stringify({ endpoint: this.url, target: targetOf(call) });
    const head = {
      'content-type': answer?.contentType ?? 'application/json',
      ...answer?.headers,
      ...behaviour.headers,
      'content-length': Buffer.byteLength(text),
    };
    return once(wholeStep(headText(answer?.status ?? behaviour.status, head), text, drawn));
  }

  /** Undefined: no AI operation. */
  private operationAnswer(call: UpstreamCall): Answer | undefined {
    const name = OPERATION.exec(targetOf(call).split('?', 1)[0])?.[1];
    if (name === undefined || call.method !== 'POST') return undefined;
    const operation = this.operations.find('POST', `/v1/${name}`);
    const body: unknown = parseJson(bodyOf(call));
    if (operation.kind !== 'json' || typeof body !== 'object' || body === null) return undefined;
    const { model } = body as { readonly model?: unknown };
    return operation.answer({
      body: body as Readonly<Record<string, unknown>>,
      model: typeof model === 'string' ? model : '',
      faults: {},
      newId: (prefix) => `${prefix}sim${String(this.nextId++).padStart(8, '0')}`,
      createdSeconds: 0,
    });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not an AI request, whatever its path: the plain answer follows
  }
}

function* once(step: Step): Generator<Step> {
  yield step;
}

function errorStep({ status, retryAfterSeconds }: FailureMode, afterMs: number): Step {
  const text = JSON.stringify({ error: { message: 'simulated failure', type: 'server_error', code: null } });
  const fields: Record<string, string | number> = { 'content-type': 'application/json', 'content-length': text.length };
  if (retryAfterSeconds !== undefined) fields['retry-after'] = retryAfterSeconds;
  return { afterMs, actions: [{ kind: 'head', text: headText(status, fields) }, { kind: 'body', text }, END] };
}

function wholeStep(head: string, text: string, { failure, latencyMs }: Drawn): Step {
  const whole: readonly Action[] = [{ kind: 'head', text: head }, { kind: 'body', text }, END];
  if (failure === undefined) return { afterMs: latencyMs, actions: whole };
  const half: Action = { kind: 'body', text: text.slice(0, text.length >> 1) };
  return { afterMs: latencyMs, actions: [whole[0], half, failure.kind === 'cut' ? RESET : SILENCE] };
}

function* streamSteps(answer: StreamAnswer, { behaviour, random, latencyMs, failure }: Drawn): Generator<Step> {
  const fields = { 'content-type': 'text/event-stream', ...behaviour.headers, 'transfer-encoding': 'chunked' };
  yield { afterMs: latencyMs, actions: [{ kind: 'head', text: headText(200, fields) }] };
  let deltas = 0;
  for (const { kind, event, data } of answer.events) {
    if (kind === 'delta' && failure !== undefined && deltas === failure.afterDeltas) {
      yield { afterMs: 0, actions: [failure.kind === 'cut' ? RESET : SILENCE] };
      return;
    }
    const timing = deltas === 0 ? behaviour.firstDelta : behaviour.deltaGap;
    const afterMs = kind === 'delta' ? draw(timing, random) * behaviour.slower : 0;
    if (kind === 'delta') deltas++;
    yield {
      afterMs,
      actions: [{ kind: 'body', text: `${event === undefined ? '' : `event: ${event}\n`}data: ${data}\n\n` }],
    };
  }
  yield { afterMs: 0, actions: [END] };
}
