// The answers to `GET /v1/models` and `/v1/models/{id}` when the gateway gives them: the names its clients may use, in the shape that
// the SDKs of OpenAI and Anthropic list. Google's stands in its codec.

function entryOf(id: string): object {
  return { id, object: 'model', created: 0, owned_by: 'switchyard' };
}

/** In the order given, each once. */
export function modelsListing(names: readonly string[]): string {
  return JSON.stringify({ object: 'list', data: [...new Set(names)].map(entryOf) });
}

export function modelEntry(name: string): string {
  return JSON.stringify(entryOf(name));
}

function anthropicEntryOf(id: string): object {
  return { type: 'model', id, display_name: id, created_at: '1970-01-01T00:00:00Z' };
}

/** One page. */
export function anthropicModelsListing(names: readonly string[]): string {
  const ids = [...new Set(names)];
  const [first_id, last_id] = [ids[0] ?? null, ids.at(-1) ?? null];
  return JSON.stringify({ data: ids.map(anthropicEntryOf), has_more: false, first_id, last_id });
}

export function anthropicModelEntry(name: string): string {
  return JSON.stringify(anthropicEntryOf(name));
}
