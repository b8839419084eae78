// What the simulated model says in a conversation, whatever the wire: text, thoughts, calls of tools, and what they count.
// A wire reads its request into a Conversation and writes what is Said in its own shape.
import { hash } from 'node:crypto';
import { composeText, replyTo, type TextWishes } from './compose-text.ts';
import { isObject } from './json.ts';
import { sampleOf, structuredText } from './json-sample.ts';
import { countTokens } from './tokens.ts';

export interface OfferedTool {
  readonly name: string;
  /** JSON Schema of the arguments. */
  readonly parameters: unknown;
}

/** `any`: some tool must be called; an object names which. */
export type ToolWish = 'auto' | 'any' | 'none' | { readonly name: string };

export interface Conversation {
  /** Text of the user's last message. */
  readonly heard: string;
  /** What else that message holds, in words: `image/png of 70 bytes`. */
  readonly media: readonly string[];
  /** What tools answered behind it. */
  readonly toolResults: readonly string[];
  readonly tools: readonly OfferedTool[];
  readonly toolWish: ToolWish;
  readonly allowsParallel: boolean;
  /** `json_schema` with a schema, `json_object`, or undefined for plain text. */
  readonly format: { readonly type: string; readonly schema?: unknown } | undefined;
  readonly thinks: boolean;
  readonly limits: TextWishes;
}

export interface ToolCall {
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
}

export interface Said {
  readonly thinking: string | undefined;
  /** Empty when tools are called. */
  readonly text: string;
  /** Where there are any, they are how the answer ends. */
  readonly calls: readonly ToolCall[];
  readonly finish: 'stop' | 'length';
  /** The stop sequence that ended the text. */
  readonly stopSequence: string | undefined;
  /** All output, thoughts included. */
  readonly tokens: number;
  readonly thinkingTokens: number;
}

/** How a prompt asks for two calls at once. */
const ASKS_FOR_TWO = /\bparallel\b/i;

/** `more` ends a plain text: further choices are told apart by it. */
export function speak(conversation: Conversation, more = ''): Said {
  const { heard, thinks } = conversation;
  const thinking = thinks ? `The user said ${JSON.stringify(heard)}. I repeat it.` : undefined;
  const thinkingTokens = thinking === undefined ? 0 : countTokens(thinking);
  const calls = callsOf(conversation);
  if (calls.length > 0) {
    const tokens = calls.reduce((sum, call) => sum + countTokens(call.name + call.arguments), thinkingTokens);
    return { thinking, text: '', calls, finish: 'stop', stopSequence: undefined, tokens, thinkingTokens };
  }
  const full =
    structuredText(conversation.format?.type, conversation.format?.schema, heard) ?? plainText(conversation) + more;
  const { text, finish, tokens, stopSequence } = composeText(full, conversation.limits);
  return { thinking, text, calls, finish, stopSequence, tokens: tokens + thinkingTokens, thinkingTokens };
}

/** The echo, with what came beside the text, so that a test sees whether it arrived. */
function plainText({ heard, media, toolResults }: Conversation): string {
  const [first, ...rest] = replyTo(heard).split(/\n(?=This answer comes)/);
  const sent = media.length === 0 ? [] : [`You sent: ${media.join(', ')}`];
  const told = toolResults.length === 0 ? [] : [`The tools said: ${toolResults.join(', ')}`];
  return [first, ...sent, ...told, ...rest].join('\n');
}

/** `auto` calls the first tool until its result has come; `any` and a name always call. */
function callsOf(conversation: Conversation): readonly ToolCall[] {
  const { tools, toolWish, heard, toolResults, allowsParallel } = conversation;
  if (toolWish === 'none' || (toolWish === 'auto' && toolResults.length > 0)) return [];
  const fit = typeof toolWish === 'object' ? tools.filter(({ name }) => name === toolWish.name) : tools;
  if (fit.length === 0) return [];
  const isTwo = allowsParallel && ASKS_FOR_TWO.test(heard);
  const wanted = isTwo ? [fit[0], fit[1] ?? fit[0]] : [fit[0]];
  return wanted.map(({ name, parameters }, index) => {
    const value = sampleOf(parameters ?? { type: 'object' }, index === 0 ? heard : `${heard} (${index + 1})`);
    return { name, arguments: JSON.stringify(isObject(value) ? value : {}) };
  });
}

/** What a wire that signs thoughts puts beside them, and expects back unchanged. */
export function signatureOf(thinking: string): string {
  return `sim-${hash('sha256', thinking, 'base64')}`;
}

/** Media in the words of `Conversation.media`; base64 text as it came. */
export function mediaOf(type: string, base64: string): string {
  return `${type} of ${Buffer.from(base64, 'base64').length} bytes`;
}
