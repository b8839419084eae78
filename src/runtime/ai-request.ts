// The body of an AI request as a provider of the client's own wire gets it: bytes pass through, only `model` and the wish for usage
// are spliced in (design decision 6). Under ai-exchange.ts.
import {
  addsUsage,
  createRequestChange,
  planSplice,
  type RequestChange,
  spliceBuffer,
  spliceLatin1,
} from '../llm/splice.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import { bodyFacts } from './read-model.ts';

/** Spliced bodies up to this leave as text together with their head. */
const MAX_TEXT_BODY_BYTES = 16 * 1024;

/** What one candidate is sent. */
export interface AiRequest {
  readonly path: string;
  /** Without `?`; empty = none. */
  readonly query: string;
  /** The head is our own: nothing of the client's fields but its name and trace travels to another wire. */
  readonly isTranslated: boolean;
  readonly hasBody: boolean;
  /** The body is passed on as it arrives (multipart uploads). */
  readonly isStreamed: boolean;
  readonly bodyBytes: number;
  /** The body as text, or empty when it is in `bytes`. */
  readonly text: string;
  readonly bytes: Buffer | undefined;
}

/** Where it goes. */
export type AiAddress = Pick<AiRequest, 'path' | 'query'>;

export function passedBody({ path, query }: AiAddress, { body }: Exchange): AiRequest {
  if (body.whole === undefined) {
    const bodyBytes = body.declaredBytes;
    return { path, query, isTranslated: false, hasBody: true, isStreamed: true, bodyBytes, text: '', bytes: undefined };
  }
  const bytes = body.wholeBytes();
  const hasBody = bytes.length > 0;
  return {
    path,
    query,
    isTranslated: false,
    hasBody,
    isStreamed: false,
    bodyBytes: bytes.length,
    text: '',
    bytes: hasBody ? bytes : undefined,
  };
}

const AS_IS = createRequestChange({ asksUsage: false });
const ASK_USAGE = createRequestChange({ asksUsage: true });

/** `own` = the model the client asked for. */
export function changeFor(model: string, own: string | undefined, asksUsage: boolean): RequestChange {
  if (model === own) return asksUsage ? ASK_USAGE : AS_IS;
  return createRequestChange({ model, asksUsage });
}

/** The facts of the body are in `bodyFacts`. */
export function splicedBody({ path, query }: AiAddress, { body }: Exchange, change: RequestChange): AiRequest {
  const { whole, wholeStart, wholeEnd } = body;
  const bytes = whole ?? Buffer.alloc(0);
  const edits = planSplice(bytes, bodyFacts, change);
  if (wholeEnd - wholeStart > MAX_TEXT_BODY_BYTES) {
    const spliced =
      edits.length === 0 ? bytes.subarray(wholeStart, wholeEnd) : spliceBuffer(bytes, wholeStart, wholeEnd, edits);
    const bodyBytes = spliced.length;
    return { path, query, isTranslated: false, hasBody: true, isStreamed: false, bodyBytes, text: '', bytes: spliced };
  }
  const text = spliceLatin1(bytes, wholeStart, wholeEnd, edits);
  const bodyBytes = text.length;
  return { path, query, isTranslated: false, hasBody: true, isStreamed: false, bodyBytes, text, bytes: undefined };
}

/** Usage will be asked for on behalf of a client that did not. */
export function hidesUsage({ body }: Exchange, change: RequestChange): boolean {
  return addsUsage(body.whole ?? Buffer.alloc(0), bodyFacts, change);
}

/** hot: a short body of ASCII alone leaves as text, in one write with its head (a second one is another system call). */
export function translatedBody({ path, query }: AiAddress, json: string): AiRequest {
  const bodyBytes = Buffer.byteLength(json);
  const isText = bodyBytes === json.length && bodyBytes <= MAX_TEXT_BODY_BYTES;
  return {
    path,
    query,
    isTranslated: true,
    hasBody: true,
    isStreamed: false,
    bodyBytes,
    text: isText ? json : '',
    bytes: isText ? undefined : Buffer.from(json),
  };
}
