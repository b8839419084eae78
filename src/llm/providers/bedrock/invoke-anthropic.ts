// Anthropic's models by InvokeModel: Anthropic's own bodies, its version in the body and the model in the path; streamed events
// come in base64 inside binary frames.
import { AWS_ERROR } from '../../aws-payloads.ts';
import type { ChatTargetCodec, StreamDecoder } from '../../codec.ts';
import { decodeStreamFailure } from '../../codecs/bedrock-converse/decode-error.ts';
import type { LlmEvent } from '../../event.ts';
import { isJsonObject, parseJson } from '../../json-value.ts';

const VERSION = 'bedrock-2023-05-31';

/** What Bedrock adds to the last event; no event of Anthropic's has it. */
const METRICS = 'amazon-bedrock-invocationMetrics';

/** The event inside a `chunk`: its type and its text. */
function unwrapped(payload: string): { readonly type: string; readonly text: string } | undefined {
  const chunk = parseJson(payload);
  const bytes = isJsonObject(chunk) ? chunk.bytes : undefined;
  if (typeof bytes !== 'string') return undefined;
  const text = Buffer.from(bytes, 'base64').toString();
  const event = parseJson(text);
  if (!isJsonObject(event) || typeof event.type !== 'string') return undefined;
  const { [METRICS]: metrics, ...rest } = event;
  return { type: event.type, text: metrics === undefined ? text : JSON.stringify(rest) };
}

class InvokeStreamDecoder implements StreamDecoder {
  private readonly inner: StreamDecoder;
  private isFailed = false;

  constructor(inner: StreamDecoder) {
    this.inner = inner;
  }

  decode(name: string, payload: string, into: LlmEvent[]): void {
    if (this.isFailed || this.inner.isWhole()) return;
    if (name === AWS_ERROR || /exception$/i.test(name)) {
      this.isFailed = true;
      into.push({ type: 'error', error: decodeStreamFailure(name, payload) });
      return;
    }
    if (name !== 'chunk') return; // kinds of messages that came after this was written
    const event = unwrapped(payload);
    if (event !== undefined) {
      this.inner.decode(event.type, event.text, into);
      return;
    }
    this.isFailed = true;
    const message = 'Bedrock sent a chunk that holds no event';
    const error = { status: 502, type: 'malformed_event', code: undefined, message, param: undefined };
    into.push({ type: 'error', error });
  }

  isWhole(): boolean {
    return !this.isFailed && this.inner.isWhole();
  }

  end(into: LlmEvent[]): boolean {
    return !this.isFailed && this.inner.end(into);
  }
}

/** Anthropic's codec as Bedrock takes it. */
export function toInvokeTarget(anthropic: ChatTargetCodec): ChatTargetCodec {
  return {
    ...anthropic,
    encodeRequest(request) {
      const { model: _model, stream: _stream, ...body } = anthropic.encodeRequest(request);
      return { anthropic_version: VERSION, ...body };
    },
    createStreamDecoder: (request) => new InvokeStreamDecoder(anthropic.createStreamDecoder(request)),
  };
}
