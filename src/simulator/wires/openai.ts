// OpenAI's wire: everything under /v1 that is no other wire's, with OpenAI's errors and its bearer key.

import { openaiError, openaiRefusal, STREAM_ERROR_MESSAGE } from '../openai-error.ts';
import { OperationTable } from '../operation-table.ts';
import { ResponseShelf } from '../operations/response-shelf.ts';
import type { Wire } from '../wire.ts';

/** The last wire asked: it knows every path, be it as an error or as an echo. */
export function createOpenaiWire(): Wire {
  const table = new OperationTable(new ResponseShelf());
  return {
    name: 'openai',
    find: ({ method, path }) => table.find(method, path),
    denies({ headers }, requireKey) {
      if (requireKey === undefined || headers.authorization === `Bearer ${requireKey}`) return undefined;
      return openaiError(401, 'Incorrect API key provided.', { code: 'invalid_api_key' });
    },
    error: openaiError,
    refuse: openaiRefusal,
    inBandError: () => openaiError(200, STREAM_ERROR_MESSAGE, { type: 'server_error' }),
    fields: (requestNumber, elapsedMs) => ({
      'x-request-id': `req_sim${requestNumber}`,
      'openai-processing-ms': String(elapsedMs),
      'openai-version': '2020-10-01',
    }),
  };
}
