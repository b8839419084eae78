// Every way in which the simulator can misbehave: the one table behind parsing, the reference page and the `--help` listing.

/** What follows a fault's name: `latency-200ms` (duration), `cut-3` (count), `slow-64kbps` (rate), `bytes-10MB` (size). */
export type FaultArgument = 'none' | 'duration' | 'count' | 'status' | 'rate' | 'size';

export interface FaultEntry {
  readonly argument: FaultArgument;
  /** Value when the argument is left out; a fault without it must be given one. */
  readonly otherwise?: number;
  readonly example: string;
  readonly summary: string;
}

const TABLE = {
  latency: { argument: 'duration', example: 'latency-200ms', summary: 'Waits before the head of the answer.' },
  'first-token': {
    argument: 'duration',
    example: 'first-token-500ms',
    summary:
      'Sends the head and the role at once, then waits before the first delta; a JSON answer waits before its body.',
  },
  gap: { argument: 'duration', example: 'gap-50ms', summary: 'Waits between the deltas of a stream.' },
  slow: {
    argument: 'rate',
    example: 'slow-64kbps',
    summary: 'Sends the body no faster than so many bits a second (`bps`, `kbps`, `mbps`).',
  },
  hang: {
    argument: 'none',
    example: 'hang',
    summary: 'Takes the request and never answers; the connection stays open.',
  },
  'reset-before-headers': {
    argument: 'none',
    example: 'reset-before-headers',
    summary: 'Resets the connection (RST) before the first byte of the answer.',
  },
  'reset-after-headers': {
    argument: 'none',
    example: 'reset-after-headers',
    summary: 'Sends the head, then 10 ms later resets the connection (RST).',
  },
  cut: {
    argument: 'count',
    otherwise: 1,
    example: 'cut-3',
    summary: 'Closes the connection after so many deltas; a JSON answer is cut in the middle of its body.',
  },
  stall: {
    argument: 'count',
    otherwise: 1,
    example: 'stall-3',
    summary:
      'Falls silent after so many deltas, connection open; a JSON answer falls silent in the middle of its body.',
  },
  'bad-chunk': {
    argument: 'count',
    otherwise: 1,
    example: 'bad-chunk',
    summary:
      'Sends a chunk size that is no number after so many deltas (default 1) or half a JSON answer, then closes.',
  },
  close: {
    argument: 'none',
    example: 'close',
    summary: 'Answers well with `Connection: close` and closes the connection.',
  },
  'bad-json': {
    argument: 'none',
    example: 'bad-json',
    summary: 'The first delta of a stream, or the whole JSON answer, breaks off in the middle of its JSON text.',
  },
  'error-in-stream': {
    argument: 'count',
    otherwise: 0,
    example: 'error-in-stream-2',
    summary:
      'HTTP 200, then an error event after so many deltas (default 0) and the end; as JSON: an error object with 200.',
  },
  'no-done': {
    argument: 'none',
    example: 'no-done',
    summary: 'Ends the stream without its last event (`[DONE]`, `response.completed`, `message_stop`). Streams only.',
  },
  'duplicate-end': {
    argument: 'none',
    example: 'duplicate-end',
    summary: 'Sends the last event of the stream twice. Streams only.',
  },
  'empty-stream': { argument: 'none', example: 'empty-stream', summary: 'HTTP 200 with the right head and no body.' },
  'no-usage': { argument: 'none', example: 'no-usage', summary: 'Leaves the token counts out, asked for or not.' },
  split: { argument: 'none', example: 'split', summary: 'Sends every event in two pieces, 1 ms apart. Streams only.' },
  crlf: {
    argument: 'none',
    example: 'crlf',
    summary: 'Ends the lines of a stream with CR LF. Server-sent events only.',
  },
  comments: {
    argument: 'none',
    example: 'comments',
    summary: 'Puts a `: ping` comment before every event. Server-sent events only.',
  },
  status: {
    argument: 'status',
    example: 'status-503',
    summary: 'Answers with this status (300–599) and the error JSON that belongs to it.',
  },
  '429': {
    argument: 'duration',
    otherwise: 1000,
    example: '429-30s',
    summary:
      'Rate limit reached: 429 that says when to come back (default 1 s), as the wire says it: `retry-after`, rate limit fields.',
  },
  quota: {
    argument: 'none',
    example: 'quota',
    summary: 'Quota used up: OpenAI’s 429 `insufficient_quota` without `retry-after`, or what the wire says instead.',
  },
  'context-window': {
    argument: 'none',
    example: 'context-window',
    summary: 'Prompt too long: OpenAI’s 400 `context_length_exceeded`, or what the wire says instead.',
  },
  'content-policy': {
    argument: 'none',
    example: 'content-policy',
    summary: 'Refused by the content filter: OpenAI’s 400 `content_policy_violation`, or what the wire says instead.',
  },
  bytes: {
    argument: 'size',
    example: 'bytes-10MB',
    summary: 'Makes the text of the answer (or the echo) this long, at most 100 MB.',
  },
} as const satisfies Record<string, FaultEntry>;

export type FaultName = keyof typeof TABLE;

export const FAULTS: Readonly<Record<FaultName, FaultEntry>> = TABLE;

/** The order of the documentation. Written out because a key made of digits would come first in an object. */
export const FAULT_NAMES: readonly FaultName[] = (Object.keys(TABLE) as FaultName[]).sort(
  (left, right) => Number(left === '429') - Number(right === '429'),
);

/** The faults of one request with their arguments (ms, deltas, status, bits per second, bytes); 1 for a fault without. */
export type Faults = Readonly<Partial<Record<FaultName, number>>>;
