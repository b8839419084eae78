// Whether a provider is told all that a request says: for `require_parameters`, by the tables that translation goes by.
import type { ClientFormat } from '../../llm/format.ts';
import type { Operation } from '../../llm/operation.ts';
import type { ChatField } from '../../llm/parameter-table.ts';
import type { CompiledProvider } from '../compiled-backend.ts';
import { type Candidate, sentModel } from './candidate.ts';

export interface CheckedRequest {
  readonly model: string | undefined;
  readonly operation: Operation;
  readonly isStream: boolean;
  readonly format: ClientFormat;
  /** Of the body's members. */
  readonly names: readonly string[];
}

export type ParameterCheck = (candidate: Candidate, request: CheckedRequest) => boolean;

/** Bytes that pass through say all they say. Members that no table knows are the client format's own, and not asked about. */
export function takesParameters(provider: CompiledProvider, candidate: Candidate, request: CheckedRequest): boolean {
  const { operation, format, names, isStream } = request;
  const model = sentModel(candidate) ?? request.model ?? '';
  const { adapter } = provider;
  if (adapter.passes(format.name, operation, model)) return true;
  const target = adapter.translation({ operation, model, stream: isStream });
  const fieldNames = format.chatCodec(operation)?.fieldNames;
  if (target?.codec.kind !== 'chat' || fieldNames === undefined) return target !== undefined;
  const { parameters } = target.codec.codec;
  const fields = Object.entries(fieldNames) as readonly (readonly [ChatField, string])[];
  return fields.every(([field, name]) => !names.includes(name) || parameters[field].treatment === 'mapped');
}
