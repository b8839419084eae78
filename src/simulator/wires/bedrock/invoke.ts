// /model/{id}/invoke and /invoke-with-response-stream: the maker's own body – Anthropic's messages, and the embeddings of Titan and Cohere.
import { type Answer, jsonAnswer, type OperationInput, type StreamAnswer, type StreamEvent } from '../../answer.ts';
import { isObject, type JsonObject } from '../../json.ts';
import { vectorOf } from '../../operations/embeddings.ts';
import type { PromptCache } from '../../prompt-cache.ts';
import { countTokens } from '../../tokens.ts';
import { answerMessages } from '../anthropic/messages.ts';
import { bedrockError, streamException } from './bedrock-error.ts';
import type { ConverseParts } from './converse.ts';

const VERSION = 'bedrock-2023-05-31';
const TITAN_DIMENSIONS = 1024;

export function answerInvoke(input: OperationInput, { cache, isStream }: ConverseParts): Answer {
  const { body, model } = input;
  if (body.anthropic_version !== undefined) return invokeMessages(input, cache, isStream);
  if (isStream) return bedrockError(400, 'The model is unsupported for streaming.');
  if (typeof body.inputText === 'string') return titanEmbedding(body);
  if (Array.isArray(body.texts)) return cohereEmbeddings(body, input);
  return bedrockError(400, `The simulator does not know the body that ${model} is invoked with.`);
}

function invokeMessages(input: OperationInput, cache: PromptCache, isStream: boolean): Answer {
  const { body } = input;
  if (body.anthropic_version !== VERSION) return bedrockError(400, `anthropic_version: Input should be '${VERSION}'`);
  const stray = ['model', 'stream'].find((name) => name in body);
  if (stray !== undefined) return bedrockError(400, `${stray}: Extra inputs are not permitted`);
  const answer = answerMessages({ ...input, body: { ...body, stream: isStream } }, cache);
  if (answer.kind === 'stream') return inMessages(answer);
  const told = JSON.parse(answer.body.toString()) as JsonObject;
  if (isObject(told.error)) return bedrockError(answer.status, String(told.error.message));
  const { usage } = told as { readonly usage?: { readonly input_tokens: number; readonly output_tokens: number } };
  const headers = {
    'x-amzn-bedrock-input-token-count': String(usage?.input_tokens ?? 0),
    'x-amzn-bedrock-output-token-count': String(usage?.output_tokens ?? 0),
    'x-amzn-bedrock-invocation-latency': '100',
  };
  return { ...answer, headers };
}

/** Every event of the maker's stream as the bytes of one binary message. */
function inMessages(answer: StreamAnswer): StreamAnswer {
  return { kind: 'stream', framing: 'aws-event-stream', events: chunksOf(answer.events), errorEvent: streamException };
}

function* chunksOf(events: Iterable<StreamEvent>): Generator<StreamEvent> {
  for (const { kind, data } of events) {
    const bytes = Buffer.from(data).toString('base64');
    yield { kind, event: 'chunk', data: JSON.stringify({ bytes, p: 'abcdefghij' }) };
  }
}

function titanEmbedding({ inputText, dimensions }: JsonObject): Answer {
  const text = String(inputText);
  const size = Number.isInteger(dimensions) ? Number(dimensions) : TITAN_DIMENSIONS;
  const embedding = Array.from(vectorOf(text, size));
  return jsonAnswer(200, { embedding, inputTextTokenCount: countTokens(text), embeddingsByType: { float: embedding } });
}

function cohereEmbeddings({ texts, input_type }: JsonObject, { newId }: OperationInput): Answer {
  if (typeof input_type !== 'string') return bedrockError(400, 'input_type: required');
  const given = (texts as readonly unknown[]).map(String);
  const tokens = given.reduce((sum, text) => sum + countTokens(text), 0);
  const answer = jsonAnswer(200, {
    id: newId('embed-'),
    response_type: 'embeddings_floats',
    embeddings: given.map((text) => Array.from(vectorOf(text, TITAN_DIMENSIONS))),
    texts: given,
  });
  return { ...answer, headers: { 'x-amzn-bedrock-input-token-count': String(tokens) } };
}
