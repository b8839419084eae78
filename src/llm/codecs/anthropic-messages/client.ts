// The client's side of Anthropic's messages API.
import type { ChatClientCodec } from '../../codec.ts';
import { decodeRequest } from './decode-request.ts';
import { encodeResponse } from './encode-response.ts';
import { createStreamEncoder } from './encode-stream.ts';
import { FIELD_NAMES } from './parameters.ts';

export const anthropicMessagesClient: ChatClientCodec = {
  wire: 'anthropic-messages',
  fieldNames: FIELD_NAMES,
  decodeRequest,
  encodeResponse,
  createStreamEncoder,
};
