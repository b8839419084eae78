// The wire of Google's `generateContent`: its two sides for conversations.
import type { ChatClientCodec, ChatTargetCodec } from '../../codec.ts';
import { decodeGeminiRequest, GEMINI_FIELD_NAMES } from './decode-request.ts';
import { decodeGeminiResponse } from './decode-response.ts';
import { GeminiStreamDecoder } from './decode-stream.ts';
import { encodeGeminiRequest } from './encode-request.ts';
import { encodeGeminiResponse } from './encode-response.ts';
import { GeminiStreamEncoder } from './encode-stream.ts';
import { geminiParameters } from './parameters.ts';
import { settleGemini } from './settle.ts';

export const geminiClient: ChatClientCodec = {
  wire: 'gemini',
  fieldNames: GEMINI_FIELD_NAMES,
  decodeRequest: decodeGeminiRequest,
  encodeResponse: encodeGeminiResponse,
  createStreamEncoder: (frame) => new GeminiStreamEncoder(frame),
};

export const geminiTarget: ChatTargetCodec = {
  wire: 'gemini',
  parameters: geminiParameters,
  settle: settleGemini,
  encodeRequest: encodeGeminiRequest,
  decodeResponse: decodeGeminiResponse,
  createStreamDecoder: () => new GeminiStreamDecoder(),
};
