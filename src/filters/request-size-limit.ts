// Refuses bodies over a limit, before reading them where their length is declared.
import { defineFilter } from '../pipeline/filter.ts';
import { problem } from '../pipeline/reply.ts';
import { s } from '../schema/builder.ts';

interface RequestSizeLimit {
  readonly maxBytes: number;
}

export const requestSizeLimit = defineFilter<RequestSizeLimit>({
  name: 'request-size-limit',
  summary: 'Refuses a body larger than a limit, before reading it where the length is declared.',
  stage: 'guard',
  attach: ['listener', 'route'],
  inspects: { request: 'head', reply: 'head' },
  schema: s.object({ maxBytes: s.bytes('Largest body accepted, such as 10MB.') }),
  examples: [{ title: 'Uploads of at most 10 MB', config: { maxBytes: 10_000_000 } }],
  compile: ({ maxBytes }) => ({
    onRequest({ body }) {
      // A chunked body has no declared length: reading past the cap fails with the same code.
      body.cap(maxBytes);
      return body.isOverCap ? problem('request.too-large', `at most ${maxBytes} bytes`) : undefined;
    },
  }),
});
