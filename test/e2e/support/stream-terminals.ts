// What a client is told of the end of a stream, in each of the wires that clients speak: proper ends and failures, in their order,
// and whether anything follows the first of them. Read by rules of its own, not by the gateway's code.

export interface Terminals {
  /** `end`, or the code of a failure (`''` without one). */
  readonly told: readonly string[];
  /** Something other than counts follows the first end or failure. */
  readonly isFollowed: boolean;
  /** The text of the answer. */
  readonly text: string;
}

interface Payload {
  /** `undefined` = it goes on. */
  readonly terminal: string | undefined;
  readonly text: string;
  /** Only counts: may follow an end where the wire has no last event. */
  readonly isCount: boolean;
}

interface Failure {
  readonly code?: string | number | null;
  readonly type?: string;
  readonly status?: string;
  readonly message?: string;
}

interface Event {
  readonly type?: string;
  readonly code?: string;
  readonly error?: Failure;
  readonly delta?: string | { readonly text?: string };
  readonly choices?: readonly { readonly text?: string; readonly delta?: { readonly content?: string | null } }[];
  readonly candidates?: readonly {
    readonly finishReason?: string;
    readonly content?: { readonly parts?: readonly { readonly text?: string }[] };
  }[];
}

const GOES_ON = undefined;

function failureOf({ code, type, status }: Failure): string {
  return String(code ?? type ?? status ?? '');
}

function readChunk({ error, choices = [] }: Event): Payload {
  const text = choices.map((choice) => choice.delta?.content ?? choice.text ?? '').join('');
  return { terminal: error === undefined ? GOES_ON : failureOf(error), text, isCount: false };
}

function readTyped({ type = '', code, delta }: Event): Payload {
  const isEnd = type === 'response.completed' || type === 'response.incomplete';
  const isFailure = type === 'error' || type === 'response.failed';
  const text = type === 'response.output_text.delta' && typeof delta === 'string' ? delta : '';
  return { terminal: isEnd ? 'end' : isFailure ? (code ?? '') : GOES_ON, text, isCount: false };
}

function readMessage({ type, error, delta }: Event): Payload {
  const text = type === 'content_block_delta' && typeof delta === 'object' ? (delta.text ?? '') : '';
  const failure = type === 'error' ? failureOf(error ?? {}) : GOES_ON;
  return { terminal: type === 'message_stop' ? 'end' : failure, text, isCount: false };
}

function readGoogle({ error, candidates = [] }: Event): Payload {
  const text = candidates.flatMap(({ content }) => (content?.parts ?? []).map((part) => part.text ?? '')).join('');
  const isEnd = candidates.some(({ finishReason }) => finishReason !== undefined);
  const terminal = error !== undefined ? failureOf(error) : isEnd ? 'end' : GOES_ON;
  return { terminal, text, isCount: candidates.length === 0 && error === undefined };
}

function sum(payloads: readonly Payload[]): Terminals {
  const first = payloads.findIndex(({ terminal }) => terminal !== GOES_ON);
  const behind = first === -1 ? [] : payloads.slice(first + 1);
  return {
    told: payloads.flatMap(({ terminal }) => (terminal === GOES_ON ? [] : [terminal])),
    isFollowed: behind.some(({ isCount }) => !isCount),
    text: payloads.map(({ text }) => text).join(''),
  };
}

/** Data of events; a body that ends amid one is no stream. */
function dataOf(body: string): readonly string[] {
  if (body !== '' && !/\r?\n\r?\n$/.test(body)) throw new Error(`ends amid an event: ${body.slice(-200)}`);
  return body.split(/\r?\n\r?\n/).flatMap((event) => {
    const lines = event.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith(':'));
    const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trimStart());
    if (lines.some((line) => !/^(?:data|event|id|retry):/.test(line))) throw new Error(`no event: ${event}`);
    return data.length === 0 ? [] : [data.join('\n')];
  });
}

const DONE: Payload = { terminal: 'end', text: '', isCount: false };

function readEvents(read: (event: Event) => Payload, hasDone = false): (body: string) => Terminals {
  return (body) =>
    sum(dataOf(body).map((data) => (hasDone && data === '[DONE]' ? DONE : read(JSON.parse(data) as Event))));
}

export const readChat = readEvents(readChunk, true);
export const readResponses = readEvents(readTyped);
export const readMessages = readEvents(readMessage);
export const readGeminiEvents = readEvents(readGoogle);
export const readGeminiArray = (body: string): Terminals => sum((JSON.parse(body) as Event[]).map(readGoogle));
