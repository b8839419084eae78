// Items of a Responses answer, as the official SDK's types want them. Between encode-response.ts and encode-stream.ts.
import { isJsonObject, type JsonObject, type JsonValue } from '../../json-value.ts';

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

export function messageItem(id: string, content: readonly JsonObject[], status: ItemStatus): JsonObject {
  return { id, type: 'message', status, role: 'assistant', content };
}

export interface TextFacts {
  readonly text: string;
  readonly annotations: readonly JsonObject[];
  readonly logprobs: readonly JsonValue[];
}

export function textContent({ text, annotations, logprobs }: TextFacts): JsonObject {
  return { type: 'output_text', text, annotations, logprobs };
}

export function refusalContent(refusal: string): JsonObject {
  return { type: 'refusal', refusal };
}

export interface ReasoningFacts {
  readonly text: string;
  /** A thought token (thought-token.ts). */
  readonly encrypted: string | undefined;
}

/** What was thought is shown as a summary: every client shows those. No part stands where nothing is shown. */
export function reasoningItem(id: string, { text, encrypted }: ReasoningFacts, status: ItemStatus): JsonObject {
  const summary = text === '' ? [] : [{ type: 'summary_text', text }];
  return { id, type: 'reasoning', status, summary, encrypted_content: encrypted ?? null };
}

export interface CallFacts {
  readonly callId: string;
  readonly name: string;
  readonly arguments: string;
}

export function callItem(id: string, call: CallFacts, status: ItemStatus): JsonObject {
  return { id, type: 'function_call', status, arguments: call.arguments, call_id: call.callId, name: call.name };
}

export function imageItem(id: string, result: string | null, status: ItemStatus): JsonObject {
  return { id, type: 'image_generation_call', status, result };
}

const ANNOTATIONS = ['url_citation', 'file_citation', 'container_file_citation', 'file_path'];

/** Chat completions nest the members under the type's name; here they stand beside it. Other wires' citations have no words here. */
export function annotationOf(citation: JsonObject): JsonObject | undefined {
  const { type } = citation;
  if (typeof type !== 'string' || !ANNOTATIONS.includes(type)) return undefined;
  const nested = citation[type];
  return isJsonObject(nested) ? { type, ...nested } : citation;
}

/** The list in OpenAI's `{content: […]}`. */
export function logprobList(logprobs: JsonObject | undefined): readonly JsonValue[] {
  const content = logprobs?.content;
  return Array.isArray(content) ? (content as readonly JsonValue[]) : [];
}
