// A canonical answer as `/v1/messages` gives it. The wire knows one answer: of several the first is shown, and asking for several
// is not in this wire's requests.
import type { ReplyFrame } from '../../codec.ts';
import type { JsonObject } from '../../json-value.ts';
import type { AssistantPart, TextPart } from '../../message.ts';
import type { ChatResponse } from '../../response.ts';
import { type Block, toolInput } from './encode-content.ts';
import { encodeFinish } from './finish.ts';
import { toolUseId } from './tool-ids.ts';
import { encodeUsage } from './usage.ts';

/** Ids of other providers are kept where they look like the wire's. */
export function messageId(id: string | undefined, frame: ReplyFrame): string {
  if (id === undefined || id === '') return `msg_${frame.id}`;
  return id.startsWith('msg_') ? id : `msg_${id}`;
}

/** Citations are told in each provider's own way; those of this wire name a place. */
export function isOwnCitation({ type }: JsonObject): boolean {
  return typeof type === 'string' && type.endsWith('_location');
}

function citationsOf({ citations }: TextPart): readonly JsonObject[] | null {
  const own = citations?.filter(isOwnCitation) ?? [];
  return own.length === 0 ? null : own;
}

function answerBlock(part: AssistantPart): Block | undefined {
  switch (part.type) {
    case 'text':
      return part.text === '' ? undefined : { type: 'text', text: part.text, citations: citationsOf(part) };
    case 'refusal':
      return part.text === '' ? undefined : { type: 'text', text: part.text, citations: null };
    case 'reasoning':
      if (part.redacted !== undefined) return { type: 'redacted_thinking', data: part.redacted };
      return { type: 'thinking', thinking: part.text, signature: part.signature ?? '' };
    case 'tool-call': {
      const { id, name } = part;
      return {
        type: 'tool_use',
        id: toolUseId(id),
        name,
        input: toolInput(part.arguments),
        caller: { type: 'direct' },
      };
    }
    case 'image':
    case 'audio':
      return { type: 'text', text: OTHER_MEDIA, citations: null };
  }
}

/** The wire has no words for what a model draws or says, and silence would be a lie. */
export const OTHER_MEDIA = '[The model answered with an image or sound, which this API cannot carry.]';

export function encodeResponse(response: ChatResponse, frame: ReplyFrame): JsonObject {
  const [choice] = response.choices;
  const content = (choice?.content ?? []).map(answerBlock).filter((block) => block !== undefined);
  const callsTools = content.some(({ type }) => type === 'tool_use');
  const tier = response.serviceTier;
  return {
    id: messageId(response.id, frame),
    type: 'message',
    role: 'assistant',
    model: response.model ?? frame.model,
    content,
    ...encodeFinish(choice?.finish ?? { reason: 'other' }, callsTools),
    usage: { ...encodeUsage(response.usage), ...(tier === undefined ? {} : { service_tier: tier }) },
  };
}
