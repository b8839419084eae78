// What Google's table cannot say: of signatures, its own go back and others are left out with a signal; so are a service tier that
// Google has no word for, and the wish for one call at a time.
import type { AssistantPart, Message } from '../../message.ts';
import type { ChatField, TableOutcome } from '../../parameter-table.ts';
import type { ChatRequest } from '../../request.ts';
import { TIERS } from './encode-request.ts';
import { ownSignature } from './signatures.ts';

function isForeign(part: AssistantPart): boolean {
  if (part.type !== 'reasoning' && part.type !== 'tool-call') return false;
  return part.signature !== undefined && ownSignature(part.signature) === undefined;
}

function unsigned(part: AssistantPart): AssistantPart {
  if ((part.type !== 'reasoning' && part.type !== 'tool-call') || !isForeign(part)) return part;
  const { signature: _, ...rest } = part;
  return rest;
}

function withoutForeign(message: Message): Message {
  return message.role === 'assistant' ? { ...message, content: message.content.map(unsigned) } : message;
}

/** `auto` is Google's own choice, said by saying nothing. */
function hasWordForTier(tier: string | undefined): boolean {
  return tier === undefined || tier === 'auto' || Object.hasOwn(TIERS, tier);
}

export function settleGemini(request: ChatRequest): TableOutcome {
  const { messages, parameters } = request;
  const hasForeign = messages.some((message) => message.role === 'assistant' && message.content.some(isForeign));
  const isOddTier = !hasWordForTier(parameters.serviceTier);
  const isOneAtATime = parameters.parallelToolCalls === false;
  if (!hasForeign && !isOddTier && !isOneAtATime) return { kind: 'fits', request, dropped: [] };
  const dropped: ChatField[] = [
    ...(isOneAtATime ? (['parallelToolCalls'] as const) : []),
    ...(isOddTier ? (['serviceTier'] as const) : []),
    ...(hasForeign ? (['reasoningSignature'] as const) : []),
  ];
  const { serviceTier: _, ...others } = parameters;
  return {
    kind: 'fits',
    request: {
      ...request,
      parameters: isOddTier ? others : parameters,
      messages: hasForeign ? messages.map(withoutForeign) : messages,
    },
    dropped,
  };
}
