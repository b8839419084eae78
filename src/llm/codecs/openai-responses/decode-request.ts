// A Responses request as clients write it, for a provider that speaks another wire. Same wire = bytes pass through, and none of
// this runs.
import type { Decoded, RequestAddress } from '../../codec.ts';
import type { JsonObject, JsonValue } from '../../json-value.ts';
import type { ChatRequest } from '../../request.ts';
import { decodeMessages } from './decode-items.ts';
import { decodeParameters } from './decode-parameters.ts';
import { Reading } from './reading.ts';
import { ECHOED } from './response-object.ts';

function echoedOf(body: JsonObject): JsonObject {
  const echoed: Record<string, JsonValue> = {};
  for (const key of ECHOED) {
    const value = body[key];
    if (value !== undefined && value !== null) echoed[key] = value;
  }
  return echoed;
}

export function decodeResponsesRequest(body: JsonObject, address: RequestAddress): Decoded<ChatRequest> {
  const reading = new Reading();
  const place = { object: body, at: '' };
  const messages = decodeMessages(reading, place);
  const parameters = decodeParameters(reading, place);
  const model = address.model ?? reading.requiredText(place, 'model');
  const stream = address.stream ?? reading.flag(place, 'stream') ?? false;
  if (reading.problem !== undefined) return reading.problem;
  const value: ChatRequest = {
    operation: 'chat',
    wire: 'openai-responses',
    model,
    stream,
    messages,
    parameters,
    wantsStreamUsage: true,
    rest: reading.leftovers,
    echoed: echoedOf(body),
  };
  return { ok: true, value };
}
