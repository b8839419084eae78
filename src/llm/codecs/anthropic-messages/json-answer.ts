// JSON answers. A model that can be held to a schema is; else it must call a tool whose input is the answer, and the decoders
// make text of that input again.
import type { JsonObject } from '../../json-value.ts';
import type { ChatRequest } from '../../request.ts';
import { closedSchema, hasOpenObjects } from './closed-schema.ts';
import type { ModelTraits } from './model-traits.ts';

/** Told apart from tools of clients by its name alone, also where an answer comes without its request. */
export const JSON_ANSWER_TOOL = 'switchyard_json_answer';

const DESCRIPTION = 'Gives the final answer to the user. Its input is that answer, as JSON.';

export type JsonAnswer =
  | { readonly kind: 'none' }
  | { readonly kind: 'format'; readonly schema: JsonObject }
  | { readonly kind: 'tool'; readonly tool: JsonObject };

/** The API takes an object's schema only; whatever else is wanted is its one member. */
function inputSchemaOf(schema: JsonObject): JsonObject {
  return schema.type === 'object' ? schema : { ...schema, type: 'object' };
}

/** A client that wants a tool called gets no other answer, so that the format has nothing to hold. */
export function jsonAnswerOf({ parameters }: ChatRequest, { hasStructuredOutput }: ModelTraits): JsonAnswer {
  const { responseFormat, toolChoice } = parameters;
  if (responseFormat === undefined || responseFormat.kind === 'text') return { kind: 'none' };
  const schema = responseFormat.kind === 'json-schema' ? responseFormat.schema : undefined;
  if (schema !== undefined && hasStructuredOutput && !hasOpenObjects(schema))
    return { kind: 'format', schema: closedSchema(schema) };
  if (toolChoice?.kind === 'required' || toolChoice?.kind === 'tool') return { kind: 'none' };
  const description =
    responseFormat.kind === 'json-schema' && responseFormat.description !== undefined
      ? `${DESCRIPTION}\n${responseFormat.description}`
      : DESCRIPTION;
  const input = inputSchemaOf(schema ?? { additionalProperties: true });
  return { kind: 'tool', tool: { name: JSON_ANSWER_TOOL, description, input_schema: input } };
}
