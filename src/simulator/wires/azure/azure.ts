// Azure's wire: OpenAI's operations below a deployment with an api-version, or below /openai/v1; a key in `api-key` or a bearer
// token; content filter results beside every answer.
import { type Answer, jsonAnswer, type OperationInput, type StreamAnswer, type StreamEvent } from '../../answer.ts';
import { isObject, type JsonObject } from '../../json.ts';
import { OperationTable } from '../../operation-table.ts';
import { ResponseShelf } from '../../operations/response-shelf.ts';
import { decodeSegment, type FoundOperation, type RequestHead, type Wire } from '../../wire.ts';
import { azureError, azureInBandError, azureRefusal } from './azure-error.ts';

const DEPLOYMENT = /^\/openai\/deployments\/([^/]+)\/(.+)$/;
const PLAIN = /^\/openai\/(v1\/)?(.+)$/;
const API_VERSION = /^(?:\d{4}-\d{2}-\d{2}(?:-preview)?|preview|latest|v1)$/;

const SAFE = Object.fromEntries(
  ['hate', 'self_harm', 'sexual', 'violence'].map((name) => [name, { filtered: false, severity: 'safe' }]),
);
const PROMPT_FILTER = [{ prompt_index: 0, content_filter_results: SAFE }];

export function createAzureWire(): Wire {
  const table = new OperationTable(new ResponseShelf());
  return {
    name: 'azure',
    find: (head) => find(head, table),
    denies({ headers }, requireKey) {
      const { authorization } = headers;
      const isKnown = headers['api-key'] === requireKey || authorization === `Bearer ${requireKey}`;
      if (requireKey === undefined || isKnown) return undefined;
      return azureError(401, 'Access denied due to invalid subscription key or wrong API endpoint.');
    },
    error: azureError,
    refuse: azureRefusal,
    inBandError: azureInBandError,
    fields: (requestNumber, elapsedMs) => ({
      'apim-request-id': `00000000-0000-4000-8000-${String(requestNumber).padStart(12, '0')}`,
      'x-request-id': `req_sim${requestNumber}`,
      'openai-processing-ms': String(elapsedMs),
      'x-ms-region': 'Simulated',
    }),
  };
}

function find(head: RequestHead, table: OperationTable): FoundOperation | undefined {
  const { method, path, query } = head;
  const deployed = DEPLOYMENT.exec(path);
  const plain = PLAIN.exec(path);
  if (plain === null) return undefined;
  const isVersionless = deployed === null && plain[1] !== undefined;
  if (!isVersionless && !API_VERSION.test(query.get('api-version') ?? '')) return { kind: 'bare', answer: notFound };
  const found = table.find(method, `/v1/${deployed?.[2] ?? plain[2]}`);
  if (found.kind !== 'json') return found;
  const model = deployed === null ? {} : { model: decodeSegment(deployed[1]) };
  return { ...found, ...model, answer: (input) => withFilterResults(found.answer(input), input) };
}

function notFound(): Answer {
  return azureError(404, 'Resource not found');
}

/** Chat answers carry what the content filter found; streams begin with what it found in the prompt. */
function withFilterResults(answer: Answer, { body }: OperationInput): Answer {
  if (!Array.isArray(body.messages)) return answer;
  if (answer.kind === 'stream') return filteredStream(answer);
  const told = JSON.parse(answer.body.toString()) as JsonObject;
  if (!Array.isArray(told.choices)) return answer;
  const choices = (told.choices as readonly JsonObject[]).map((choice) => ({
    ...choice,
    content_filter_results: SAFE,
  }));
  return jsonAnswer(answer.status, { ...told, choices, prompt_filter_results: PROMPT_FILTER });
}

function filteredStream(answer: StreamAnswer): StreamAnswer {
  return { ...answer, events: filteredEvents(answer.events) };
}

/** The first chunk has no choices: clients that take `choices[0]` for granted break here as they do at Azure. */
function* filteredEvents(events: Iterable<StreamEvent>): Generator<StreamEvent> {
  const first = { id: '', object: '', created: 0, model: '', choices: [], prompt_filter_results: PROMPT_FILTER };
  yield { kind: 'opening', data: JSON.stringify(first) };
  for (const event of events) yield event.kind === 'delta' ? { ...event, data: withResults(event.data) } : event;
}

function withResults(data: string): string {
  const chunk = JSON.parse(data) as JsonObject;
  const choices = Array.isArray(chunk.choices) ? (chunk.choices as readonly unknown[]).filter(isObject) : [];
  return JSON.stringify({ ...chunk, choices: choices.map((choice) => ({ ...choice, content_filter_results: SAFE })) });
}
