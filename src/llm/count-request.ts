// What a conversation costs in tokens, where its provider cannot count: its texts for the tokenizer, the rest by stated constants.
// Asked for by runtime/own-count.ts. An estimate, as providers frame messages and tools in tokens of their own.
import { framedTokens } from './estimate-text.ts';
import type { Message } from './message.ts';
import type { ChatRequest, Tool } from './request.ts';

/** An image of 1024 × 1024 at OpenAI's high detail; others depend on a size that only decoding would tell. */
export const IMAGE_TOKENS = 765;
/** The same at low detail, whatever its size. */
export const LOW_DETAIL_IMAGE_TOKENS = 85;
/** A page of a document, or half a minute of speech and more: files say neither without being decoded. */
export const FILE_TOKENS = 1500;
/** More text is counted by this much of its beginning. */
export const MAX_COUNTED_CHARACTERS = 256 * 1024;

export interface CountParts {
  /** For the tokenizer. */
  readonly text: string;
  /** Of all texts; larger than that of `text` where only their beginning is counted. */
  readonly characters: number;
  readonly messages: number;
  /** What has no text. */
  readonly mediaTokens: number;
}

type Part = Message['content'][number];

class Collection {
  readonly texts: string[] = [];
  mediaTokens = 0;

  add(part: Part): void {
    switch (part.type) {
      case 'text':
      case 'refusal':
      case 'reasoning':
        this.texts.push(part.text);
        return;
      case 'tool-call':
        this.texts.push(part.name, part.arguments);
        return;
      case 'tool-result':
        for (const each of part.content) this.add(each);
        return;
      case 'image':
        this.mediaTokens += part.detail === 'low' ? LOW_DETAIL_IMAGE_TOKENS : IMAGE_TOKENS;
        return;
      case 'file':
      case 'audio':
        if (part.source.kind === 'text') this.texts.push(part.source.text);
        else this.mediaTokens += FILE_TOKENS;
    }
  }

  addTool(tool: Tool): void {
    if (tool.kind === 'provider') {
      this.texts.push(JSON.stringify(tool.raw));
      return;
    }
    this.texts.push(tool.name, tool.description ?? '');
    if (tool.parameters !== undefined) this.texts.push(JSON.stringify(tool.parameters));
  }
}

export function countParts({ messages, parameters }: ChatRequest): CountParts {
  const collection = new Collection();
  for (const { content } of messages) for (const part of content) collection.add(part);
  for (const tool of parameters.tools ?? []) collection.addTool(tool);
  const { responseFormat } = parameters;
  if (responseFormat?.kind === 'json-schema') collection.texts.push(JSON.stringify(responseFormat.schema));
  const text = collection.texts.filter((each) => each !== '').join('\n');
  const { mediaTokens } = collection;
  return {
    text: text.slice(0, MAX_COUNTED_CHARACTERS),
    characters: text.length,
    messages: messages.length,
    mediaTokens,
  };
}

/** `textTokens`: what the tokenizer found in the text it was given. */
export function countedTokens({ text, characters, messages, mediaTokens }: CountParts, textTokens: number): number {
  const ofAll = text.length === 0 ? 0 : Math.ceil((textTokens * characters) / text.length);
  return framedTokens(ofAll, messages) + mediaTokens;
}
