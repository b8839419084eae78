// An answer for a client of the Responses API, from any provider.
import type { ReplyFrame } from '../../codec.ts';
import type { JsonObject } from '../../json-value.ts';
import type { AssistantPart, ReasoningPart, ToolCallPart } from '../../message.ts';
import type { ChatResponse, Choice } from '../../response.ts';
import {
  annotationOf,
  callItem,
  type ItemStatus,
  imageItem,
  logprobList,
  messageItem,
  reasoningItem,
  refusalContent,
  textContent,
} from './output-items.ts';
import { endingOf, responseObject } from './response-object.ts';
import { writeThoughtToken } from './thought-token.ts';

function encryptedOf({ signature, redacted }: ReasoningPart): string | undefined {
  if (redacted !== undefined) return writeThoughtToken({ kind: 'redacted', value: redacted });
  return signature === undefined ? undefined : writeThoughtToken({ kind: 'signature', value: signature });
}

class Output {
  readonly items: JsonObject[] = [];
  private readonly frameId: string;
  /** Of the last item where the answer is not whole. */
  private readonly status: ItemStatus;
  private content: JsonObject[] = [];

  constructor(frameId: string, status: ItemStatus) {
    this.frameId = frameId;
    this.status = status;
  }

  private id(prefix: string): string {
    return `${prefix}_${this.frameId}_${this.items.length}`;
  }

  say(part: JsonObject): void {
    this.content.push(part);
  }

  /** What was said so far is one message. */
  endMessage(status: ItemStatus): void {
    if (this.content.length === 0) return;
    this.items.push(messageItem(this.id('msg'), this.content, status));
    this.content = [];
  }

  addReasoning(text: string, encrypted: string | undefined): void {
    this.items.push(reasoningItem(this.id('rs'), { text, encrypted }, 'completed'));
  }

  addCall({ id, name, arguments: text, signature }: ToolCallPart, isLast: boolean): void {
    if (signature !== undefined) this.addReasoning('', writeThoughtToken({ kind: 'call-signature', value: signature }));
    const call = { callId: id, name, arguments: text };
    this.items.push(callItem(this.id('fc'), call, isLast ? this.status : 'completed'));
  }

  addImage(data: string): void {
    this.items.push(imageItem(this.id('ig'), data, 'completed'));
  }
}

/** What is said; undefined = the part is an item of its own. */
function contentOf(part: AssistantPart, logprobs: JsonObject | undefined): JsonObject | undefined {
  if (part.type === 'text') {
    const annotations = (part.citations ?? []).map(annotationOf).filter((annotation) => annotation !== undefined);
    return textContent({ text: part.text, annotations, logprobs: logprobList(logprobs) });
  }
  if (part.type === 'refusal') return refusalContent(part.text);
  if (part.type !== 'image' || part.source.kind !== 'url') return undefined;
  return textContent({ text: `![image](${part.source.url})`, annotations: [], logprobs: [] });
}

function addPart(output: Output, part: AssistantPart, { isLast, logprobs }: PartFacts): void {
  const content = contentOf(part, logprobs);
  if (content !== undefined) {
    output.say(content);
    return;
  }
  output.endMessage('completed');
  if (part.type === 'reasoning') output.addReasoning(part.text, encryptedOf(part));
  else if (part.type === 'tool-call') output.addCall(part, isLast);
  else if (part.type === 'image' && part.source.kind === 'base64') output.addImage(part.source.data);
}

interface PartFacts {
  readonly isLast: boolean;
  readonly logprobs: JsonObject | undefined;
}

function outputOf({ content, logprobs }: Choice, frame: ReplyFrame, status: ItemStatus): readonly JsonObject[] {
  const output = new Output(frame.id, status);
  const firstText = content.findIndex(({ type }) => type === 'text');
  content.forEach((part, index) => {
    const facts = { isLast: index === content.length - 1, logprobs: index === firstText ? logprobs : undefined };
    addPart(output, part, facts);
  });
  output.endMessage(status);
  return output.items;
}

const NO_CHOICE: Choice = { index: 0, content: [], finish: { reason: 'error' } };

export function encodeResponsesAnswer(response: ChatResponse, frame: ReplyFrame): JsonObject {
  const choice = response.choices[0] ?? NO_CHOICE;
  const hasRefusal = choice.content.some(({ type }) => type === 'refusal');
  const ending = endingOf(choice.finish.reason, hasRefusal);
  const output = outputOf(choice, frame, ending.status === 'completed' ? 'completed' : 'incomplete');
  const { id, model, createdSeconds, usage, serviceTier } = response;
  return responseObject(frame, { id, model, createdSeconds, ending, output, usage, serviceTier });
}
