// A wire the simulator speaks: its paths, its credentials, its words for what went wrong. One object each in wires.ts.
import type { IncomingHttpHeaders } from 'node:http';
import type { Answer, OperationInput, WholeAnswer } from './answer.ts';
import type { Refusal } from './refusal.ts';

/** A request as far as its head says. */
export interface RequestHead {
  readonly method: string;
  /** As it came, query included. */
  readonly url: string;
  /** Without the query, still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
}

/** `json` operations need a JSON body (or a form) and a model; `bare` ones read nothing. */
export type FoundOperation =
  | {
      readonly kind: 'json';
      /** From the path, where the wire names it there. */
      readonly model?: string;
      readonly stream?: boolean;
      /** The body is multipart/form-data; its fields and files stand for the JSON object. */
      readonly isForm?: boolean;
      /** True where `answer` refuses in a shape of its own (Gemini's block inside a 200). */
      refusesItself?(refusal: Refusal): boolean;
      answer(input: OperationInput): Answer;
    }
  | { readonly kind: 'bare'; answer(): Answer }
  | { readonly kind: 'echo' };

/** Where a mistake lies, for the wires that say so. */
export interface ErrorHints {
  readonly type?: string;
  readonly param?: string;
  readonly code?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Wire {
  readonly name: string;
  /** Undefined = not a path of this wire. */
  find(head: RequestHead): FoundOperation | undefined;
  /** Why the credentials will not do, or undefined. Without a required key only their form is looked at, where the wire demands one. */
  denies(head: RequestHead, requireKey: string | undefined, body: Buffer): WholeAnswer | undefined;
  error(status: number, message: string, hints?: ErrorHints): WholeAnswer;
  refuse(refusal: Refusal): WholeAnswer;
  /** The failure that is told inside a 200. */
  inBandError(): WholeAnswer;
  /** Fields of every answer. */
  fields(requestNumber: number, elapsedMs: number): Readonly<Record<string, string>>;
}

/** The text of a path segment; one that is not valid percent-encoding stands for itself. */
export function decodeSegment(segment: string): string {
  if (/%(?![0-9a-f]{2})/i.test(segment)) return segment;
  const bytes = segment.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return segment.includes('%') ? Buffer.from(bytes, 'latin1').toString('utf8') : segment;
}
