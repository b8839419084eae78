// models/{m}:generateContent, :streamGenerateContent and :countTokens: the model speaks, whole or in chunks of the same shape.
import { type Answer, jsonAnswer, type OperationInput, type StreamEvent } from '../../answer.ts';
import { toDeltas } from '../../compose-text.ts';
import { type Said, speak } from '../../conversation.ts';
import { isObject, type JsonObject } from '../../json.ts';
import { countTokens } from '../../tokens.ts';
import { inCamelCase } from './camel-case.ts';
import { callSignature, wrongWithRequest } from './check-contents.ts';
import { geminiError, UNAVAILABLE } from './gemini-error.ts';
import { promptTokens, readConversation } from './read-contents.ts';

export type StreamForm = 'sse' | 'json-array' | undefined;

export function answerGenerate(input: OperationInput, form: StreamForm): Answer {
  const { faults, model, newId } = input;
  const body = inCamelCase(input.body) as JsonObject;
  const wrong = wrongWithRequest(body);
  if (wrong !== undefined) return geminiError(400, wrong);
  const prompt = promptTokens(body);
  const frame: Frame = { modelVersion: model, responseId: newId(''), counts: faults['no-usage'] === undefined };
  if (faults['content-policy'] !== undefined) return blocked(frame, prompt, form);
  const said = speak(readConversation(body, faults));
  const usage = usageOf(prompt, said);
  if (form !== undefined) return streamOf(chunks(said, usage, frame), form);
  return jsonAnswer(200, chunk(frame, { parts: partsOf(said), finishReason: finishReasonOf(said), usage }));
}

interface Frame {
  readonly modelVersion: string;
  readonly responseId: string;
  /** Whether tokens are told. */
  readonly counts: boolean;
}

interface ChunkParts {
  readonly parts: readonly object[];
  readonly finishReason?: string;
  readonly usage: object;
}

function chunk({ modelVersion, responseId, counts }: Frame, { parts, finishReason, usage }: ChunkParts): object {
  const candidate = { content: { parts, role: 'model' }, finishReason, index: 0 };
  return { candidates: [candidate], usageMetadata: counts ? usage : undefined, modelVersion, responseId };
}

function blocked(frame: Frame, prompt: number, form: StreamForm): Answer {
  const { modelVersion, responseId } = frame;
  const usageMetadata = { promptTokenCount: prompt, totalTokenCount: prompt };
  const answer = { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata, modelVersion, responseId };
  if (form === undefined) return jsonAnswer(200, answer);
  return streamOf([{ kind: 'end', data: JSON.stringify(answer) }], form);
}

function streamOf(events: Iterable<StreamEvent>, framing: 'sse' | 'json-array'): Answer {
  const error: StreamEvent = { kind: 'finish', data: JSON.stringify(UNAVAILABLE) };
  return { kind: 'stream', framing, usesCrlf: true, events, errorEvent: () => error };
}

/** Thoughts are not part of `candidatesTokenCount`. */
function usageOf(prompt: number, { tokens, thinkingTokens }: Said): object {
  return {
    promptTokenCount: prompt,
    candidatesTokenCount: tokens - thinkingTokens,
    totalTokenCount: prompt + tokens,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: prompt }],
    ...(thinkingTokens === 0 ? {} : { thoughtsTokenCount: thinkingTokens }),
  };
}

function finishReasonOf({ finish }: Said): string {
  return finish === 'length' ? 'MAX_TOKENS' : 'STOP';
}

/** Only the first of parallel calls is signed, as Google does; ids are not given. */
function callPart({ name, arguments: json }: Said['calls'][number], index: number): object {
  const args: unknown = JSON.parse(json);
  const signature = index === 0 ? { thoughtSignature: callSignature(name, args) } : {};
  return { functionCall: { name, args }, ...signature };
}

function partsOf({ thinking, text, calls }: Said): readonly object[] {
  const thoughts = thinking === undefined ? [] : [{ text: thinking, thought: true }];
  return calls.length > 0 ? [...thoughts, ...calls.map(callPart)] : [...thoughts, { text }];
}

/** Counts grow from chunk to chunk; the last one has the finish reason and all of them. There is no other end. */
function* chunks(said: Said, usage: object, frame: Frame): Generator<StreamEvent> {
  const { promptTokenCount } = usage as { readonly promptTokenCount: number };
  let sent = '';
  for (const part of deltaParts(said)) {
    sent += part.text ?? '';
    const soFar = sent === '' ? 0 : countTokens(sent);
    const growing = { promptTokenCount, candidatesTokenCount: soFar, totalTokenCount: promptTokenCount + soFar };
    yield { kind: 'delta', data: JSON.stringify(chunk(frame, { parts: [part], usage: growing })) };
  }
  const last = { parts: [{ text: '' }], finishReason: finishReasonOf(said), usage };
  yield { kind: 'end', data: JSON.stringify(chunk(frame, last)) };
}

function* deltaParts({ thinking, text, calls }: Said): Generator<{ readonly text?: string }> {
  for (const piece of toDeltas(thinking ?? '')) yield { text: piece, thought: true } as { readonly text: string };
  for (const piece of toDeltas(text)) yield { text: piece };
  yield* calls.map(callPart);
}

/** Takes contents alone, or a whole request beside them. */
export function answerTokenCount({ body: written }: OperationInput): Answer {
  const body = inCamelCase(written) as JsonObject;
  const counted = isObject(body.generateContentRequest) ? body.generateContentRequest : body;
  const wrong = wrongWithRequest(counted);
  if (wrong !== undefined) return geminiError(400, wrong);
  const totalTokens = promptTokens(counted);
  return jsonAnswer(200, { totalTokens, promptTokensDetails: [{ modality: 'TEXT', tokenCount: totalTokens }] });
}
