// What becomes of each wish of a client at each wire: mapped, dropped with a signal, or refused. One table per target wire, exhaustive
// by its type; it drives the code, the reference page, `explain` and strict mode (design decision 6).
import type { ChatParameters, ChatRequest } from './request.ts';

/** Ways of saying something in the conversation that not every wire has. */
export type ContentField =
  | 'systemMessage'
  /** A system message behind another message. */
  | 'laterSystemMessage'
  | 'messageName'
  | 'imageBase64'
  | 'imageUrl'
  | 'imageDetail'
  | 'fileBase64'
  | 'fileUrl'
  | 'fileText'
  | 'storedFile'
  | 'audioInput'
  | 'toolResultImage'
  | 'toolResultFile'
  | 'toolError'
  | 'reasoningText'
  | 'reasoningSignature'
  | 'redactedReasoning'
  | 'refusalText'
  | 'cacheMark'
  | 'providerTool'
  | 'citations'
  /** The last message is the assistant's: the model shall go on from there. */
  | 'assistantPrefill';

export type ChatField = keyof ChatParameters | ContentField;

export type Treatment =
  /** Sent, maybe in other words; `note` says what is lost. */
  | 'mapped'
  /** Left out and named in `x-switchyard-dropped` and the log; refused in strict mode. */
  | 'dropped'
  /** Answered with 400: without it the answer would mean something else. */
  | 'refused';

export interface FieldTreatment {
  readonly treatment: Treatment;
  /** The target's own name of it, for the reference (`generationConfig.maxOutputTokens`). */
  readonly as?: string;
  /** For the reference: limits, approximations, why it is dropped. */
  readonly note?: string;
}

export type ParameterTable = Readonly<Record<ChatField, FieldTreatment>>;

/** The names of all fields as one client wire writes them (`logit_bias`, `messages[].name`), for signals and errors. */
export type FieldNames = Readonly<Partial<Record<ChatField, string>>>;

export type TableOutcome =
  /** `request` holds only what the target can be told; `dropped` are the fields left out, in the order of the table. */
  | { readonly kind: 'fits'; readonly request: ChatRequest; readonly dropped: readonly ChatField[] }
  | { readonly kind: 'refused'; readonly field: ChatField };

export type Strictness = 'lenient' | 'strict';
