// A whole answer told as a stream: for a client that asked for one of a provider that gave none.
import type { LlmEvent } from './event.ts';
import type { AssistantPart } from './message.ts';
import type { ChatResponse, Choice } from './response.ts';

function eventsOfPart(part: AssistantPart, choice: number, call: number): readonly LlmEvent[] {
  switch (part.type) {
    case 'text':
      return [
        { type: 'text-delta', choice, text: part.text },
        ...(part.citations ?? []).map((citation): LlmEvent => ({ type: 'citation', choice, citation })),
      ];
    case 'refusal':
      return [{ type: 'refusal-delta', choice, text: part.text }];
    case 'reasoning': {
      if (part.redacted !== undefined) return [{ type: 'reasoning-redacted', choice, data: part.redacted }];
      const { signature } = part;
      const thought: LlmEvent = { type: 'reasoning-delta', choice, text: part.text };
      return signature === undefined ? [thought] : [thought, { type: 'reasoning-signature', choice, signature }];
    }
    case 'tool-call': {
      const { id, name, signature } = part;
      const begin: LlmEvent = {
        type: 'tool-call-start',
        choice,
        call,
        id,
        name,
        ...(signature !== undefined && { signature }),
      };
      return [begin, { type: 'tool-call-delta', choice, call, text: part.arguments }];
    }
    case 'image':
      if (part.source.kind !== 'base64') return [];
      return [{ type: 'image', choice, mediaType: part.source.mediaType, data: part.source.data }];
    case 'audio':
      return [];
  }
}

function eventsOfChoice({ index, content, finish }: Choice): readonly LlmEvent[] {
  let call = -1;
  const parts = content.flatMap((part) => {
    if (part.type === 'tool-call') call++;
    return eventsOfPart(part, index, call);
  });
  return [...parts, { type: 'finish', choice: index, finish }];
}

export function eventsOfResponse({ id, model, createdSeconds, choices, usage }: ChatResponse): readonly LlmEvent[] {
  const start: LlmEvent = { type: 'start', id, model, createdSeconds, usage: undefined };
  const counted: readonly LlmEvent[] = usage === undefined ? [] : [{ type: 'usage', usage }];
  return [start, ...choices.flatMap(eventsOfChoice), ...counted];
}
