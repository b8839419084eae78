// An answer of `/v1/messages` to the canonical shape.
import { isJsonObject, type JsonObject, type JsonValue } from '../../json-value.ts';
import type { AssistantPart } from '../../message.ts';
import type { ChatResponse, Finish, ProviderError } from '../../response.ts';
import { errorOf } from './decode-error.ts';
import { decodeFinish } from './finish.ts';
import { JSON_ANSWER_TOOL } from './json-answer.ts';
import { decodeUsage } from './usage.ts';

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** Undefined for blocks of server tools: what they found stands in the text that follows, and its citations. */
function partOf(block: JsonObject): AssistantPart | undefined {
  switch (block.type) {
    case 'text': {
      const citations = Array.isArray(block.citations) ? block.citations.filter(isJsonObject) : [];
      return { type: 'text', text: textOf(block.text), ...(citations.length === 0 ? {} : { citations }) };
    }
    case 'thinking': {
      const signature = textOf(block.signature);
      return { type: 'reasoning', text: textOf(block.thinking), ...(signature === '' ? {} : { signature }) };
    }
    case 'redacted_thinking':
      return { type: 'reasoning', text: '', redacted: textOf(block.data) };
    case 'tool_use': {
      const input = JSON.stringify(block.input ?? {});
      if (block.name === JSON_ANSWER_TOOL) return { type: 'text', text: input };
      return { type: 'tool-call', id: textOf(block.id), name: textOf(block.name), arguments: input };
    }
    default:
      return undefined;
  }
}

/** Calling the tool that carries a JSON answer is no call to the client. */
export function withoutJsonCall(finish: Finish, callsTools: boolean): Finish {
  return finish.reason === 'tool-calls' && !callsTools ? { ...finish, reason: 'stop' } : finish;
}

export function decodeResponse(body: JsonValue): ChatResponse | ProviderError | undefined {
  if (!isJsonObject(body)) return undefined;
  if (body.type === 'error' || (isJsonObject(body.error) && body.content === undefined))
    return errorOf(body, undefined);
  if (!Array.isArray(body.content)) return undefined;
  const blocks = body.content.filter(isJsonObject);
  const content = blocks.map(partOf).filter((part) => part !== undefined);
  const finish = decodeFinish(body) ?? { reason: 'other' };
  const callsTools = content.some(({ type }) => type === 'tool-call');
  const hasJsonCall = blocks.some(({ type, name }) => type === 'tool_use' && name === JSON_ANSWER_TOOL);
  const usage = isJsonObject(body.usage) ? body.usage : {};
  return {
    id: typeof body.id === 'string' ? body.id : undefined,
    model: typeof body.model === 'string' ? body.model : undefined,
    createdSeconds: undefined,
    choices: [{ index: 0, content, finish: hasJsonCall ? withoutJsonCall(finish, callsTools) : finish }],
    usage: decodeUsage(body.usage),
    ...(typeof usage.service_tier === 'string' ? { serviceTier: usage.service_tier } : {}),
  };
}
