// What the table cannot say: wishes that hang on their value, on the model or on one another. Each step takes out what cannot be
// had and names it.
import type { AssistantPart, Message } from '../../message.ts';
import type { ChatField, TableOutcome } from '../../parameter-table.ts';
import type { ChatParameters, ChatRequest, WireName } from '../../request.ts';
import { withFewMarks } from './cache-marks.ts';
import { isTextMedia } from './encode-content.ts';
import { jsonAnswerOf } from './json-answer.ts';
import type { ModelTraits } from './model-traits.ts';
import { planThinking } from './thinking.ts';

interface Draft {
  request: ChatRequest;
  readonly dropped: ChatField[];
}

type Wish = keyof ChatParameters;

function drop(draft: Draft, field: Wish): void {
  const { [field]: _, ...parameters } = draft.request.parameters;
  draft.request = { ...draft.request, parameters };
  draft.dropped.push(field);
}

function change(draft: Draft, field: Wish, parameters: Partial<ChatParameters>): void {
  draft.request = { ...draft.request, parameters: { ...draft.request.parameters, ...parameters } };
  draft.dropped.push(field);
}

type Part = Message['content'][number];

function refusedPart(part: Part, message: Message, wire: WireName): ChatField | undefined {
  if (part.type === 'tool-result') {
    for (const inner of part.content) {
      const field = refusedPart(inner, message, wire);
      if (field !== undefined) return field;
    }
    return undefined;
  }
  if (part.type === 'file' && part.source.kind === 'base64' && !isSendable(part.source.mediaType)) return 'fileBase64';
  if (message.role === 'assistant' && part.type === 'image') return 'imageBase64';
  if (message.role === 'assistant' && part.type === 'audio') return 'audioInput';
  return 'source' in part && part.source.kind === 'stored' && wire !== 'anthropic-messages' ? 'storedFile' : undefined;
}

/** What the rest is of no use without. */
function refusedField({ wire, messages, parameters }: ChatRequest): ChatField | undefined {
  if (parameters.n !== undefined && parameters.n > 1) return 'n';
  if (parameters.modalities?.some((modality) => modality.toLowerCase() !== 'text')) return 'modalities';
  for (const message of messages)
    for (const part of message.content) {
      const field = refusedPart(part, message, wire);
      if (field !== undefined) return field;
    }
  return undefined;
}

function isSendable(mediaType: string): boolean {
  return mediaType.toLowerCase().startsWith('application/pdf') || isTextMedia(mediaType);
}

function settleThinking(draft: Draft, traits: ModelTraits): void {
  if (draft.request.parameters.reasoning === undefined) return;
  const needsTool = jsonAnswerOf(draft.request, traits).kind === 'tool' && traits.thinksUnasked !== 'always';
  const plan = planThinking(draft.request, traits);
  if (plan.kind === 'impossible' || (needsTool && plan.kind !== 'disabled' && plan.kind !== 'unsaid'))
    drop(draft, 'reasoning');
}

/** Beside thinking the API takes a temperature of 1 only, no `top_k`, and a `top_p` from 0.95 to 1. */
function settleSampling(draft: Draft, traits: ModelTraits): void {
  if (!traits.takesSampling) return; // the table dropped them
  const { kind } = planThinking(draft.request, traits);
  const thinks = kind === 'budget' || kind === 'adaptive';
  const { temperature, topP, topK } = draft.request.parameters;
  if (thinks && temperature !== undefined && temperature !== 1) drop(draft, 'temperature');
  if (thinks && topK !== undefined) drop(draft, 'topK');
  if (topP === undefined) return;
  const isCrowded = !traits.takesTemperatureWithTopP && draft.request.parameters.temperature !== undefined;
  if (isCrowded || (thinks && topP < 0.95)) drop(draft, 'topP');
}

/** A sequence of nothing but space is refused by the API. */
function settleStop(draft: Draft): void {
  const { stop } = draft.request.parameters;
  const kept = stop?.filter((sequence) => sequence.trim() !== '');
  if (stop === undefined || kept === undefined || kept.length === stop.length) return;
  if (kept.length === 0) drop(draft, 'stop');
  else change(draft, 'stop', { stop: kept });
}

const SERVICE_TIERS: Readonly<Record<string, string>> = {
  auto: 'auto',
  priority: 'auto',
  default: 'standard_only',
  standard: 'standard_only',
  standard_only: 'standard_only',
};

/** The API's word for a tier of another provider; undefined = it has none. */
export function serviceTierOf(tier: string): string | undefined {
  return Object.hasOwn(SERVICE_TIERS, tier) ? SERVICE_TIERS[tier] : undefined;
}

/** How Responses writes what was thought for nobody but itself. */
const FOREIGN_THOUGHT = 'gAAAA';

function isOwnThought(part: AssistantPart): boolean {
  if (part.type !== 'reasoning') return true;
  const proof = part.redacted ?? part.signature;
  return proof !== undefined && proof !== '' && !proof.startsWith(FOREIGN_THOUGHT);
}

/** Thoughts count only with the proof that a Claude had them; without it the whole request would be refused. */
function settleThoughts(draft: Draft): void {
  const fields = new Set<ChatField>();
  const messages = draft.request.messages.map((message): Message => {
    if (message.role !== 'assistant' || message.content.every(isOwnThought)) return message;
    for (const part of message.content)
      if (part.type === 'reasoning' && !isOwnThought(part))
        fields.add(part.redacted === undefined ? 'reasoningText' : 'redactedReasoning');
    return { ...message, content: message.content.filter(isOwnThought) };
  });
  if (fields.size === 0) return;
  draft.request = { ...draft.request, messages };
  draft.dropped.push(...fields);
}

/** Citations are told in each wire's own way. */
function settleCitations(draft: Draft): void {
  if (draft.request.wire === 'anthropic-messages') return;
  let isCited = false;
  const messages = draft.request.messages.map((message) => {
    const content = message.content.map((part) => {
      if (part.type !== 'text' || part.citations === undefined) return part;
      isCited = true;
      const { citations: _, ...plain } = part;
      return plain;
    });
    return { ...message, content } as Message;
  });
  if (!isCited) return;
  draft.request = { ...draft.request, messages };
  draft.dropped.push('citations');
}

export function settle(request: ChatRequest, traits: ModelTraits): TableOutcome {
  const field = refusedField(request);
  if (field !== undefined) return { kind: 'refused', field };
  const draft: Draft = { request, dropped: [] };
  settleThoughts(draft);
  settleCitations(draft);
  settleThinking(draft, traits);
  settleSampling(draft, traits);
  settleStop(draft);
  const { serviceTier } = draft.request.parameters;
  if (serviceTier !== undefined && serviceTierOf(serviceTier) === undefined) drop(draft, 'serviceTier');
  const fewer = withFewMarks(draft.request);
  if (fewer !== undefined) {
    draft.request = fewer;
    draft.dropped.push('cacheMark');
  }
  return { kind: 'fits', request: draft.request, dropped: draft.dropped };
}
