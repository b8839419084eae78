// Answers with a fixed reply; nothing is forwarded.
import { defineFilter } from '../pipeline/filter.ts';
import { createReply } from '../pipeline/reply.ts';
import { s } from '../schema/builder.ts';

interface DirectResponse {
  readonly status: number;
  readonly body?: string;
  readonly headers?: readonly { readonly name: string; readonly value: string }[];
}

export const directResponse = defineFilter<DirectResponse>({
  name: 'direct-response',
  summary: 'Answers with a fixed status, body and fields.',
  stage: 'transform',
  attach: ['route'],
  inspects: { request: 'head', reply: 'head' },
  schema: s.object({
    status: s.integer('Status of the reply, 200 to 599.'),
    body: s.optional(s.string('Body, sent as UTF-8.')),
    headers: s.optional(
      s.array(s.object({ name: s.string('Field name.'), value: s.string('Field value.') }), 'Fields of the reply.'),
    ),
  }),
  examples: [
    {
      title: 'A maintenance page',
      config: { status: 503, body: 'Back at noon.\n', headers: [{ name: 'content-type', value: 'text/plain' }] },
    },
  ],
  compile: ({ status, body, headers = [] }) => {
    const fields = headers.map(({ name, value }) => [name, value] as const);
    const hasType = headers.some(({ name }) => name.toLowerCase() === 'content-type');
    const typed =
      hasType || body === undefined ? fields : [...fields, ['content-type', 'text/plain; charset=utf-8'] as const];
    return { onRequest: () => createReply(status, typed, body) };
  },
});
