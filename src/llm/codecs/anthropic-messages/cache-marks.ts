// The marks up to which the prompt may be kept: the API takes four, and the last ones reach furthest.
import type { CacheMark, Message } from '../../message.ts';
import type { ChatRequest, Tool } from '../../request.ts';

export const MAX_CACHE_MARKS = 4;

interface Markable {
  readonly cache?: CacheMark;
}

function hasMark(value: object): boolean {
  return (value as Markable).cache !== undefined || ('raw' in value && hasRawMark(value as Tool));
}

function hasRawMark(tool: Tool): boolean {
  return tool.kind === 'provider' && tool.raw.cache_control !== undefined && tool.raw.cache_control !== null;
}

/** Takes marks away until as many are gone as were too many, walking in the order of the prompt. */
class MarkRemoval {
  private left: number;

  constructor(count: number) {
    this.left = count;
  }

  from<T extends object>(value: T): T {
    if (this.left === 0 || !hasMark(value)) return value;
    this.left--;
    if ('raw' in value) {
      const { cache_control: _, ...raw } = value.raw as Record<string, unknown>;
      return { ...value, raw };
    }
    const { cache: _, ...rest } = value as T & Markable;
    return rest as T;
  }
}

/** What the API walks through to find marks: tools, system texts, then the turns; contents of results before the result itself. */
function walk(request: ChatRequest, visit: <V extends object>(value: V) => V): ChatRequest {
  const tools = request.parameters.tools?.map(visit);
  const ofMessage = (message: Message): Message => {
    const content = message.content.map((part) => {
      if (part.type !== 'tool-result') return visit(part);
      return visit({ ...part, content: part.content.map((inner) => visit(inner)) });
    });
    return { ...message, content } as Message;
  };
  const messages: Message[] = [...request.messages];
  for (const isSystem of [true, false])
    for (const [i, message] of messages.entries())
      if ((message.role === 'system') === isSystem) messages[i] = ofMessage(message);
  return {
    ...request,
    messages,
    parameters: tools === undefined ? request.parameters : { ...request.parameters, tools },
  };
}

/** The request with four marks at most; undefined when it has no more than that. */
export function withFewMarks(request: ChatRequest): ChatRequest | undefined {
  let marks = 0;
  walk(request, (value) => {
    if (hasMark(value)) marks++;
    return value;
  });
  if (marks <= MAX_CACHE_MARKS) return undefined;
  const removal = new MarkRemoval(marks - MAX_CACHE_MARKS);
  return walk(request, (value) => removal.from(value));
}
