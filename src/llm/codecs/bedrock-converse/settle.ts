// What hangs on values and on several wishes together: marks beyond the fourth, thoughts without proof, and what Claude refuses
// beside thinking. Applied behind the table, so that these losses are signalled too.
import type { AssistantPart, CacheMark, Message } from '../../message.ts';
import type { ChatField, TableOutcome } from '../../parameter-table.ts';
import type { ChatParameters, ChatRequest, ReasoningWish, Tool } from '../../request.ts';
import { claudeTraits, MAX_CACHE_POINTS, type ModelFamily } from './model-family.ts';
import { reasoningFields } from './reasoning-fields.ts';

type Part = Message['content'][number];

interface Marked {
  readonly cache?: CacheMark;
}

function unmarked<T extends Marked>({ cache: _, ...rest }: T): T {
  return rest as unknown as T;
}

/** Takes out the marks that `keep` says no to, asked in the order of the prompt. */
function sieve<T extends Marked>(value: T, keep: () => boolean): T {
  return value.cache === undefined || keep() ? value : unmarked(value);
}

function sievePart(part: Part, keep: () => boolean): Part {
  if (part.type === 'tool-result') {
    // Marks stand behind a result, never in it, so they count as one: the last one decides.
    const marked = part.cache !== undefined || part.content.some(({ cache }) => cache !== undefined);
    if (!marked || keep()) return part;
    return unmarked({ ...part, content: part.content.map((item) => unmarked(item)) });
  }
  return 'cache' in part ? sieve(part, keep) : part;
}

function sieveTool(tool: Tool, keep: () => boolean): Tool {
  return tool.kind === 'function' ? sieve(tool, keep) : tool;
}

function sieveAll(request: ChatRequest, keepTool: () => boolean, keep: () => boolean): ChatRequest {
  const tools = request.parameters.tools?.map((tool) => sieveTool(tool, keepTool));
  // System messages stand in front, whatever their place was.
  const sieved = (isSystem: boolean) =>
    request.messages.map((message) =>
      (message.role === 'system') === isSystem
        ? ({ ...message, content: message.content.map((part) => sievePart(part, keep)) } as Message)
        : undefined,
    );
  const system = sieved(true);
  const others = sieved(false);
  const messages = request.messages.map((message, index) => system[index] ?? others[index] ?? message);
  return { ...request, messages, parameters: { ...request.parameters, ...(tools !== undefined && { tools }) } };
}

/** With the last four marks; a fifth makes Bedrock refuse the request. Nova takes none on tools. */
function settleMarks(
  request: ChatRequest,
  family: ModelFamily,
): { readonly request: ChatRequest; readonly lost: boolean } {
  const onTools = family !== 'nova';
  let marks = 0;
  let ofTools = 0;
  sieveAll(
    request,
    () => ++ofTools > 0,
    () => ++marks > 0,
  );
  let toSkip = Math.max(0, marks + (onTools ? ofTools : 0) - MAX_CACHE_POINTS);
  const lost = toSkip > 0 || (!onTools && ofTools > 0);
  if (!lost) return { request, lost };
  const keep = () => --toSkip < 0;
  return { request: sieveAll(request, onTools ? keep : () => false, keep), lost };
}

function isProven(part: AssistantPart): boolean {
  return part.type !== 'reasoning' || part.signature !== undefined || part.redacted !== undefined;
}

/** Claude refuses thoughts that it cannot prove to be its own. */
function settleThoughts(request: ChatRequest): { readonly request: ChatRequest; readonly lost: boolean } {
  const isKept = (message: Message) => message.role !== 'assistant' || message.content.every(isProven);
  if (request.messages.every(isKept)) return { request, lost: false };
  const messages = request.messages.map((message) =>
    message.role === 'assistant' ? { ...message, content: message.content.filter(isProven) } : message,
  );
  return { request: { ...request, messages }, lost: true };
}

/** Samplings that a generation of Claude refuses, by themselves or beside thinking. */
function refusedSampling({ model, parameters }: ChatRequest, isThinking: boolean): readonly (keyof ChatParameters)[] {
  const { temperature, topP, topK } = parameters;
  const { takesSampling, takesTemperatureWithTopP } = claudeTraits(model);
  const lost: (keyof ChatParameters)[] = [];
  if (temperature !== undefined && (!takesSampling || (isThinking && temperature !== 1))) lost.push('temperature');
  const isBoth = topP !== undefined && temperature !== undefined && !takesTemperatureWithTopP;
  if (topP !== undefined && (!takesSampling || (isThinking && topP < 0.95) || (isBoth && lost.length === 0)))
    lost.push('topP');
  if (topK !== undefined && (!takesSampling || isThinking)) lost.push('topK');
  return lost;
}

function isForced({ toolChoice }: ChatParameters): boolean {
  return toolChoice?.kind === 'required' || toolChoice?.kind === 'tool';
}

/** Wishes that go because of others. A call that is demanded counts for more than thinking before it. */
function lostParameters(request: ChatRequest, family: ModelFamily): readonly (keyof ChatParameters)[] {
  const wish = request.parameters.reasoning;
  const isThinking = Object.keys(reasoningFields(request, family).additional).length > 0;
  if (family !== 'anthropic') return isThinking || !wantsThoughts(wish) ? [] : ['reasoning'];
  const isGiven = isThinking && !isForced(request.parameters);
  const lost = wantsThoughts(wish) && !isGiven ? (['reasoning'] as const) : [];
  return [...lost, ...refusedSampling(request, isGiven)];
}

function wantsThoughts(wish: ReasoningWish | undefined): boolean {
  if (wish === undefined || wish.effort === 'none' || wish.budgetTokens === 0) return false;
  return wish.effort !== undefined || wish.budgetTokens !== undefined || wish.isAdaptive === true;
}

/** The last message is the model's own and it would have to go on from it. */
function refusesPrefill({ model, messages }: ChatRequest, family: ModelFamily): boolean {
  return family === 'anthropic' && messages.at(-1)?.role === 'assistant' && !claudeTraits(model).takesPrefill;
}

function without(request: ChatRequest, lost: readonly (keyof ChatParameters)[]): ChatRequest {
  const parameters = Object.fromEntries(
    Object.entries(request.parameters).filter(([name]) => !lost.includes(name as keyof ChatParameters)),
  );
  return { ...request, parameters };
}

export function settleRequest(request: ChatRequest, family: ModelFamily): TableOutcome {
  if (refusesPrefill(request, family)) return { kind: 'refused', field: 'assistantPrefill' };
  const lost = lostParameters(request, family);
  const marks = settleMarks(lost.length === 0 ? request : without(request, lost), family);
  const thoughts = family === 'anthropic' ? settleThoughts(marks.request) : { request: marks.request, lost: false };
  const dropped: readonly ChatField[] = [
    ...lost,
    ...(marks.lost ? (['cacheMark'] as const) : []),
    ...(thoughts.lost ? (['reasoningText'] as const) : []),
  ];
  return { kind: 'fits', request: thoughts.request, dropped };
}
