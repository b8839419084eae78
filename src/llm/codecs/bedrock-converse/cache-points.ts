// Marks up to which a prompt is kept. A fifth one makes Bedrock refuse the request, so only the last four are sent: each covers
// all that stands before it.
import type { JsonObject } from '../../json-value.ts';
import type { CacheMark, Message } from '../../message.ts';
import type { ChatRequest } from '../../request.ts';
import { MAX_CACHE_POINTS } from './model-family.ts';

/** The mark of a part, or the last one inside a tool result, where none can stand. */
export function markOf(part: Message['content'][number]): CacheMark | undefined {
  const inner =
    part.type === 'tool-result' ? part.content.findLast(({ cache }) => cache !== undefined)?.cache : undefined;
  return 'cache' in part && part.cache !== undefined ? part.cache : inner;
}

function countMarks({ messages, parameters }: ChatRequest, onTools: boolean): number {
  const tools = onTools ? (parameters.tools ?? []) : [];
  const ofTools = tools.filter((tool) => tool.kind === 'function' && tool.cache !== undefined).length;
  return ofTools + messages.flatMap(({ content }) => [...content]).filter((part) => markOf(part) !== undefined).length;
}

/** Hands out the marks of one request, in the order of the prompt: tools, system, messages. */
export class CachePoints {
  private toSkip: number;
  private readonly onTools: boolean;

  constructor(request: ChatRequest, onTools: boolean) {
    this.onTools = onTools;
    this.toSkip = Math.max(0, countMarks(request, onTools) - MAX_CACHE_POINTS);
  }

  ofTool(mark: CacheMark | undefined): readonly JsonObject[] {
    return this.onTools ? this.of(mark) : [];
  }

  /** The block to stand behind what is marked. */
  of(mark: CacheMark | undefined): readonly JsonObject[] {
    if (mark === undefined) return [];
    if (this.toSkip > 0) {
      this.toSkip--;
      return [];
    }
    // Five minutes is what Bedrock does by itself, and all that models without a choice understand.
    return [{ cachePoint: { type: 'default', ...(mark.ttl === '1h' && { ttl: '1h' }) } }];
  }
}
