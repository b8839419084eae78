// Canonical messages → the messages of a chat request to a provider: tool results become messages of their own.
import { toDataUrl } from '../../data-url.ts';
import type { JsonObject } from '../../json-value.ts';
import type {
  AssistantPart,
  CacheMark,
  FilePart,
  ImagePart,
  MediaSource,
  Message,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  UserPart,
} from '../../message.ts';
import { encodeDetail } from './encode-response.ts';
import type { OpenaiChatQuirks } from './parameters.ts';

type Part = UserPart | AssistantPart;

export function encodeMessages(messages: readonly Message[], quirks: OpenaiChatQuirks): readonly JsonObject[] {
  const encoder = new MessageEncoder(quirks);
  for (const [index, message] of messages.entries()) encoder.add(message, index === messages.length - 1);
  return encoder.encoded;
}

class MessageEncoder {
  readonly encoded: JsonObject[] = [];
  private readonly quirks: OpenaiChatQuirks;

  constructor(quirks: OpenaiChatQuirks) {
    this.quirks = quirks;
  }

  add(message: Message, isLast: boolean): void {
    const named = message.name === undefined ? {} : { name: message.name };
    if (message.role === 'system')
      this.encoded.push({ role: 'system', content: this.content(message.content), ...named });
    else if (message.role === 'user') this.addUser(message.content, named);
    else this.encoded.push({ ...this.assistant(message.content), ...named, ...this.prefixFlag(isLast) });
  }

  private prefixFlag(isLast: boolean): JsonObject {
    return isLast && this.quirks.prefill === 'flagged' ? { prefix: true } : {};
  }

  private addUser(parts: readonly UserPart[], named: JsonObject): void {
    const said: UserPart[] = [];
    const shown: UserPart[] = [];
    for (const part of parts) {
      if (part.type !== 'tool-result') said.push(part);
      else shown.push(...this.addResult(part));
    }
    const rest = [...shown, ...said];
    if (rest.length > 0 || parts.length === 0)
      this.encoded.push({ role: 'user', content: this.content(rest), ...named });
  }

  /** Gives back what a tool message cannot hold, for a user message behind the results. */
  private addResult({ callId, content, cache }: ToolResultPart): readonly UserPart[] {
    const texts = content.filter((part) => part.type === 'text' || isTextFile(part));
    this.encoded.push({
      role: 'tool',
      tool_call_id: callId,
      content: this.content(texts),
      ...this.cacheControl(cache),
    });
    return content.filter((part) => part.type !== 'text' && !isTextFile(part));
  }

  /** A string where one says it all: the oldest servers know nothing else. */
  private content(parts: readonly Part[]): string | readonly JsonObject[] {
    if (parts.length === 0) return '';
    const [first] = parts;
    if (parts.length === 1 && first.type === 'text' && !this.isMarked(first)) return first.text;
    return parts.map((part) => this.part(part)).filter((part) => part !== undefined);
  }

  private isMarked({ cache }: TextPart): boolean {
    return cache !== undefined && this.quirks.takesCacheControl === true;
  }

  private cacheControl(cache: CacheMark | undefined): JsonObject {
    if (cache === undefined || this.quirks.takesCacheControl !== true) return {};
    return { cache_control: { type: 'ephemeral', ...(cache.ttl !== undefined && { ttl: cache.ttl }) } };
  }

  private part(part: Part): JsonObject | undefined {
    switch (part.type) {
      case 'text':
        return { type: 'text', text: part.text, ...this.cacheControl(part.cache) };
      case 'image':
        return { ...encodeImage(part), ...this.cacheControl(part.cache) };
      case 'file':
        return { ...encodeFile(part), ...this.cacheControl(part.cache) };
      case 'audio':
        return encodeAudio(part.source);
      default:
        return undefined; // said in members of the message
    }
  }

  private assistant(parts: readonly AssistantPart[]): JsonObject {
    const spoken = parts.filter((part) => part.type === 'text' || part.type === 'image');
    const calls = parts.filter((part) => part.type === 'tool-call');
    const refusal = parts.map((part) => (part.type === 'refusal' ? part.text : '')).join('');
    const sound = parts.find((part) => part.type === 'audio' && part.source.kind === 'stored');
    return {
      role: 'assistant',
      content: spoken.length === 0 && (calls.length > 0 || refusal !== '') ? null : this.content(spoken),
      ...this.thoughts(parts.filter((part) => part.type === 'reasoning')),
      ...(refusal !== '' && { refusal }),
      ...(sound?.type === 'audio' && sound.source.kind === 'stored' && { audio: { id: sound.source.id } }),
      ...(calls.length > 0 && { tool_calls: calls.map(encodeCall) }),
    };
  }

  private thoughts(parts: readonly ReasoningPart[]): JsonObject {
    const { reasoningField, returnsReasoningDetails } = this.quirks;
    const text = parts.map((part) => part.text).join('');
    const isSigned = parts.some(({ signature, redacted }) => signature !== undefined || redacted !== undefined);
    return {
      ...(reasoningField !== undefined && text !== '' && { [reasoningField]: text }),
      ...(returnsReasoningDetails === true && isSigned && { reasoning_details: parts.map(encodeDetail) }),
    };
  }
}

function isTextFile(part: Part): boolean {
  return part.type === 'file' && part.source.kind === 'text';
}

/** `extra_content` is where Google's server of this wire wants its signature back; others ignore members they do not know. */
function encodeCall({ id, name, arguments: text, signature }: ToolCallPart): JsonObject {
  return {
    id,
    type: 'function',
    function: { name, arguments: text },
    ...(signature !== undefined && { extra_content: { google: { thought_signature: signature } } }),
  };
}

function encodeImage({ source, detail }: ImagePart): JsonObject {
  if (source.kind === 'stored') return { type: 'file', file: { file_id: source.id } };
  return { type: 'image_url', image_url: { url: urlOf(source), ...(detail !== undefined && { detail }) } };
}

function encodeFile({ source, name }: FilePart): JsonObject {
  if (source.kind === 'text') return { type: 'text', text: source.text };
  if (source.kind === 'stored') return { type: 'file', file: { file_id: source.id } };
  return { type: 'file', file: { filename: name ?? nameFor(source), file_data: urlOf(source) } };
}

/** OpenAI refuses files without a name. */
function nameFor(source: MediaSource): string {
  const extension = source.kind === 'base64' ? source.mediaType.split('/')[1] : undefined;
  return `file.${extension ?? 'pdf'}`;
}

function urlOf(source: MediaSource): string {
  if (source.kind === 'base64') return toDataUrl(source.mediaType, source.data);
  return source.kind === 'url' ? source.url : '';
}

function encodeAudio(source: MediaSource): JsonObject | undefined {
  // vLLM's part: OpenAI answers it with an error of its own, which is better than silence.
  if (source.kind === 'url') return { type: 'audio_url', audio_url: { url: source.url } };
  if (source.kind !== 'base64') return undefined;
  const kind = source.mediaType.replace(/^audio\/(x-)?/, '');
  const format = kind === 'mpeg' ? 'mp3' : kind === 'wave' ? 'wav' : kind;
  return { type: 'input_audio', input_audio: { data: source.data, format } };
}
