// Brings a request to what a target can be told: the one place where a wish is dropped or refused, live and in explanations.
import { contentFieldsOf, withoutContent } from './content-fields.ts';
import type { ChatField, ContentField, ParameterTable, Strictness, TableOutcome } from './parameter-table.ts';
import type { ChatParameters, ChatRequest, WireName } from './request.ts';

export interface TableTarget {
  readonly wire: WireName;
  readonly parameters: ParameterTable;
  readonly settle?: (request: ChatRequest) => TableOutcome;
}

/** Every way of speaking; the other rows of a table are members of ChatParameters. */
const CONTENT_FIELDS: Readonly<Record<ContentField, true>> = {
  systemMessage: true,
  laterSystemMessage: true,
  messageName: true,
  imageBase64: true,
  imageUrl: true,
  imageDetail: true,
  fileBase64: true,
  fileUrl: true,
  fileText: true,
  storedFile: true,
  audioInput: true,
  toolResultImage: true,
  toolResultFile: true,
  toolError: true,
  reasoningText: true,
  reasoningSignature: true,
  redactedReasoning: true,
  refusalText: true,
  cacheMark: true,
  providerTool: true,
  citations: true,
  assistantPrefill: true,
};

export function isContentField(field: ChatField): field is ContentField {
  return Object.hasOwn(CONTENT_FIELDS, field);
}

/** Fields the request uses, in the order of the table. */
function usedFields(request: ChatRequest, { wire, parameters }: TableTarget): readonly ChatField[] {
  const content = contentFieldsOf(request, wire);
  const { parameters: wishes } = request;
  // hot: what a request uses is a few of some fifty rows; `content` holds no name of a parameter.
  const used: ChatField[] = [];
  for (const field in parameters)
    if (content.has(field as ContentField) || wishes[field as keyof ChatParameters] !== undefined)
      used.push(field as ChatField);
  return used;
}

function withoutParameters(parameters: ChatParameters, dropped: ReadonlySet<ChatField>): ChatParameters {
  return Object.fromEntries(
    Object.entries(parameters).filter(([field]) => !dropped.has(field as ChatField)),
  ) as ChatParameters;
}

/** Lets the target drop and refuse what hangs on values; `dropped` is what the table dropped. */
function settled(
  { request, dropped }: Extract<TableOutcome, { kind: 'fits' }>,
  settle: TableTarget['settle'],
  strictness: Strictness,
): TableOutcome {
  const outcome = settle?.(request);
  if (outcome === undefined) return { kind: 'fits', request, dropped };
  if (outcome.kind === 'refused') return outcome;
  const [first] = outcome.dropped;
  if (first !== undefined && strictness === 'strict') return { kind: 'refused', field: first };
  const more = outcome.dropped.filter((field) => !dropped.includes(field));
  return { ...outcome, dropped: [...dropped, ...more] };
}

/** In strict mode what would be dropped is refused; `rest` of another wire counts as dropped and is the caller's to name. */
export function applyParameterTable(request: ChatRequest, target: TableTarget, strictness: Strictness): TableOutcome {
  const dropped: ChatField[] = [];
  for (const field of usedFields(request, target)) {
    const { treatment } = target.parameters[field];
    if (treatment === 'refused' || (treatment === 'dropped' && strictness === 'strict'))
      return { kind: 'refused', field };
    if (treatment === 'dropped') dropped.push(field);
  }
  if (dropped.length === 0) return settled({ kind: 'fits', request, dropped }, target.settle, strictness);
  const parameters = withoutParameters(request.parameters, new Set(dropped));
  const kept = withoutContent({ ...request, parameters }, target.wire, new Set(dropped.filter(isContentField)));
  return settled({ kind: 'fits', request: kept, dropped }, target.settle, strictness);
}
