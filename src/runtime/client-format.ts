// Which client format a request is written in, told by method, path and, for listings that share a path, by fields.
import type { ClientFormat, FieldLookup } from '../llm/format.ts';
import { formatRegistry } from '../llm/formats/registry.ts';
import type { Operation } from '../llm/operation.ts';
import type { Exchange } from '../pipeline/exchange.ts';

const FORMATS: readonly ClientFormat[] = [...formatRegistry.values()];
/** Formats that share a path with OpenAI's are told from it by a field, so they are asked first where nothing is sent. */
const FOR_READS: readonly ClientFormat[] = FORMATS.toReversed();

export interface DetectedFormat {
  readonly format: ClientFormat;
  readonly operation: Operation;
}

/** Undefined = no AI operation. */
export function detectFormat({ method, path, headers }: Exchange): DetectedFormat | undefined {
  const isRead = method === 'GET';
  const field: FieldLookup | undefined = isRead ? (name) => headers.get(name) : undefined;
  for (const format of isRead ? FOR_READS : FORMATS) {
    const operation = format.detect(method, path, field);
    if (operation !== undefined) return { format, operation };
  }
  return undefined;
}
