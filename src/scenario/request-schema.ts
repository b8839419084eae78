// How requests are written in a scenario file: those of a load, and single ones with what must come of them.
import type { ErrorCode } from '../errors/codes.ts';
import { type Infer, s } from '../schema/builder.ts';
import type { AnswerExpectation, RequestTemplate } from './scenario.ts';

const REQUEST_FIELDS = {
  name: s.optional(s.string('What it is, in the report; expectations can count by it.', { minLength: 1 })),
  listener: s.optional(s.string('Listener it comes to; the first unless given.')),
  method: s.optional(
    s.string('GET unless given, POST with a body.', { pattern: /^[A-Z]+$/, expected: 'a method such as POST' }),
  ),
  path: s.string(
    'Path and query. {n} stands for the number of the request, {client} for that of its client; in headers and body too.',
    {
      pattern: /^\/\S*$/,
      expected: 'a path that begins with /',
    },
  ),
  host: s.withDefault(s.string('Host asked for.', { minLength: 1 }), 'gateway.test'),
  headers: s.withDefault(s.record(s.scalarText('Value.'), 'Header fields.'), {}),
  body: s.optional(s.string('Body as text.')),
  json: s.optional(s.unknown('Body as JSON; brings its content-type.')),
  body_size: s.optional(s.bytes('A body of this size.')),
  chunked: s.withDefault(s.boolean('The length of the body is not announced.'), false),
};

const REQUEST = s.object(REQUEST_FIELDS);

export const LOAD = s.object({
  rate: s.rate('Requests in a second, minute or hour, such as 2000/s.'),
  arrivals: s.withDefault(
    s.choice(
      ['poisson', 'constant'],
      'poisson: at random, as of many people. constant: at even distances. poisson unless given.',
    ),
    'poisson',
  ),
  from: s.withDefault(s.durationText('When it begins; 0 unless given.'), 0),
  until: s.optional(s.durationText('When it ends; with the scenario unless given.')),
  clients: s.withDefault(
    s.integer('So many clients, each with an address of its own; 100 unless given.', { min: 1, max: 1_000_000 }),
    100,
  ),
  patience: s.withDefault(s.durationText('A client waits no longer than this; for ever unless given.'), 0),
  requests: s.oneOrMany(
    s.object({ ...REQUEST_FIELDS, weight: s.withDefault(s.number('Its part in the mix.', { min: 0.000_001 }), 1) }),
    'What is sent.',
  ),
});

const RECEIVED = s.object({
  path: s.optional(s.string('Path and query.')),
  headers: s.optional(
    s.record(
      s.union([s.scalarText('Value.'), s.literal(null, 'Not there.')], 'Value; null = not there.'),
      'Header fields.',
    ),
  ),
  body: s.optional(s.oneOrMany(s.string('Text.'), 'Texts that stand in the body.')),
});

const ANSWER = s.object({
  status: s.optional(s.integer('Status of the answer.', { min: 100, max: 599 })),
  route: s.optional(s.string('Route that took it.')),
  backend: s.optional(s.string('Backend that was asked last.')),
  endpoint: s.optional(s.url('Endpoint that was asked last.')),
  model: s.optional(s.string('Model that the AI provider was asked for.')),
  error: s.optional(s.string('Error code of the gateway.')),
  attempts: s.optional(s.integer('Tries made.', { min: 0 })),
  headers: s.optional(s.record(s.scalarText('Value.'), 'Header fields of the answer.')),
  body: s.optional(s.oneOrMany(s.string('Text.'), 'Texts that stand in the body of the answer.')),
  received: s.optional(RECEIVED),
});

export const SINGLE = s.object({
  ...REQUEST_FIELDS,
  at: s.withDefault(s.durationText('When it is sent; 0 unless given.'), 0),
  times: s.withDefault(
    s.integer('Sent so often, one after the other; each must be as expected.', { min: 1, max: 100_000 }),
    1,
  ),
  client: s.withDefault(s.integer('Number of the client: its address.', { min: 0 }), 0),
  expect: ANSWER,
});

export function toTemplate(written: Infer<typeof REQUEST>): RequestTemplate {
  const { json, body_size: bytes } = written;
  const body =
    written.body ?? (json !== undefined ? JSON.stringify(json) : bytes !== undefined ? 'x'.repeat(bytes) : undefined);
  const typed = json === undefined ? [] : [['content-type', 'application/json'] as const];
  const own = Object.entries(written.headers).filter(([, value]) => value !== undefined);
  const names = new Set(own.map(([name]) => name.toLowerCase()));
  return {
    name: written.name,
    listener: written.listener,
    method: written.method ?? (body === undefined ? 'GET' : 'POST'),
    target: written.path,
    host: written.host,
    headers: [...typed.filter(([name]) => !names.has(name)), ...own],
    body,
    isChunked: written.chunked,
  };
}

export function toAnswer(written: Infer<typeof ANSWER>): AnswerExpectation {
  const { received, error, ...same } = written;
  return {
    ...same,
    error: error as ErrorCode | undefined,
    received: received && { target: received.path, headers: received.headers, body: received.body },
  };
}
