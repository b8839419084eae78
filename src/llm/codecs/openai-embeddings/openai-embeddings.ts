// OpenAI's embeddings, both sides: what formats and providers name.
import type { EmbeddingsClientCodec, EmbeddingsTargetCodec } from '../../codec.ts';
import { decodeRequest } from './decode-request.ts';
import { decodeResponse } from './decode-response.ts';
import { encodeRequest } from './encode-request.ts';
import { encodeResponse } from './encode-response.ts';

export const openaiEmbeddingsClient: EmbeddingsClientCodec = { decodeRequest, encodeResponse };

/** Where a provider differs from OpenAI. */
export interface OpenaiEmbeddingsQuirks {
  /** Beside what the wire has no words for. */
  readonly drops?: readonly ('dimensions' | 'user')[];
  /** Default yes. */
  readonly takesTokens?: boolean;
}

export function createOpenaiEmbeddingsTarget(quirks: OpenaiEmbeddingsQuirks = {}): EmbeddingsTargetCodec {
  return {
    drops: ['task', 'title', ...(quirks.drops ?? [])],
    takesTokens: quirks.takesTokens ?? true,
    encodeRequest,
    decodeResponse,
  };
}
